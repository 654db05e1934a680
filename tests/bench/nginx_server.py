"""nginx_server.py - nginx with one worker, serving answers from files: what B6 is measured against."""
import os, signal, subprocess
from query_server import fetch, pinned, wait_for
from sitting import stop

CONFIG = """
worker_processes 1; daemon off; error_log stderr; pid %(folder)s/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; default_type application/json;
  open_file_cache max=16; client_body_temp_path %(folder)s; proxy_temp_path %(folder)s;
  fastcgi_temp_path %(folder)s; uwsgi_temp_path %(folder)s; scgi_temp_path %(folder)s;
  server { listen 127.0.0.1:%(port)s; root %(folder)s; }
}
"""


class NginxServer:
    """Pinned to a core, if one is named."""

    def __init__(self, sitting, answers, core=None):
        self.folder = sitting.folder("nginx")
        os.makedirs(self.folder)
        os.chmod(self.folder, 0o755)
        for name, answer in answers.items():
            with open(self.folder + self.path(name), "w") as file:
                file.write(answer)
        for attempt in range(20):  # it cannot say which port it was given, so one is tried
            if self.starts(20000 + (os.getpid() * 7 + attempt * 131) % 20000, answers, core):
                return
        stop("nginx does not start")

    def starts(self, port, answers, core):
        config, (name, answer) = os.path.join(self.folder, "nginx.conf"), next(iter(answers.items()))
        with open(config, "w") as file:
            file.write(CONFIG % {"folder": self.folder, "port": port})
        command = ["nginx", "-p", self.folder, "-c", config]
        self.process = subprocess.Popen(command if core is None else pinned(core, *command), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.port = port
        self.at = f"http://127.0.0.1:{port}"
        try:
            return wait_for(lambda: fetch(self.at, self.path(name)) == answer, "nginx", self.process)
        except SystemExit:
            return False

    @staticmethod
    def path(name):
        return "/" + name.replace(" ", "-")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
