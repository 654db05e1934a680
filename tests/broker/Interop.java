/* Interop - what interop.c does, by the official client and the serdes of Kafka Streams. Records are lines, see
 * tests/support/record_lines.h. Starting a Java machine takes long, so one does all that it is told on standard
 * input: a line of words parted by TAB, lines for it, a line "."; the answer ends with a line "." too, or with one
 * that begins with "!" and says what went wrong.
 *
 *   write SERVERS TOPIC [commit|abort] [NAME=VALUE]...
 *   read SERVERS TOPIC [uncommitted]
 *   decode time SIZE | decode session, encode time SIZE | encode session
 *   logged window SIZE | logged session      keys of the changelog of such a store, one a line
 *   stored                                   values of a changelog, one a line: timestamp TAB value
 */
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.SessionWindowedDeserializer;
import org.apache.kafka.streams.kstream.SessionWindowedSerializer;
import org.apache.kafka.streams.kstream.TimeWindowedDeserializer;
import org.apache.kafka.streams.kstream.TimeWindowedSerializer;
import org.apache.kafka.streams.kstream.Window;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.internals.SessionKeySchema;
import org.apache.kafka.streams.state.internals.ValueAndTimestampSerde;
import org.apache.kafka.streams.state.internals.WindowKeySchema;

public class Interop {
    static final HexFormat HEX = HexFormat.of();
    static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));
    static final PrintStream OUTPUT =
        new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));

    static byte[] bytes(String text) {
        return text.equals("-") ? null : HEX.parseHex(text);
    }

    static String text(byte[] bytes) {
        return bytes == null ? "-" : HEX.formatHex(bytes);
    }

    /* The next line for the words at hand, null at their end. */
    static String next() throws IOException {
        String line = INPUT.readLine();

        return line == null || line.equals(".") ? null : line;
    }

    // ---- write ----

    static ProducerRecord<byte[], byte[]> parse(String topic, String line) {
        String[] fields = line.split("\t", -1);
        List<Header> headers = new ArrayList<>();

        for (String header : fields[5].split(";")) {
            int end = header.indexOf('=');

            if (end > 0)
                headers.add(new RecordHeader(header.substring(0, end), bytes(header.substring(end + 1))));
        }
        int partition = Integer.parseInt(fields[0]);

        return new ProducerRecord<>(topic, partition < 0 ? null : partition, Long.parseLong(fields[2]), bytes(fields[3]),
                                    bytes(fields[4]), headers);
    }

    static void send(KafkaProducer<byte[], byte[]> producer, String topic) throws Exception {
        List<Future<?>> sent = new ArrayList<>();

        for (String line; (line = next()) != null;)
            sent.add(producer.send(parse(topic, line)));
        producer.flush();
        for (Future<?> one : sent)
            one.get();
    }

    static void write(String[] words) throws Exception {
        Properties settings = new Properties();
        String ending = null;

        settings.put("bootstrap.servers", words[1]);
        for (int i = 3; i < words.length; i++) {
            int end = words[i].indexOf('=');

            if (end < 0)
                ending = words[i];
            else
                settings.put(words[i].substring(0, end), words[i].substring(end + 1));
        }
        if (ending != null)
            settings.put("transactional.id", words[2] + "-by-java");
        try (KafkaProducer<byte[], byte[]> producer =
                 new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            if (ending != null) {
                producer.initTransactions();
                producer.beginTransaction();
            }
            send(producer, words[2]);
            if ("commit".equals(ending))
                producer.commitTransaction();
            if ("abort".equals(ending))
                producer.abortTransaction();
        }
    }

    // ---- read ----

    static String line(ConsumerRecord<byte[], byte[]> record) {
        StringJoiner headers = new StringJoiner(";");

        for (Header header : record.headers())
            headers.add(header.key() + "=" + text(header.value()));
        return record.partition() + "\t" + record.offset() + "\t" + record.timestamp() + "\t" + text(record.key()) + "\t"
            + text(record.value()) + "\t" + headers;
    }

    static boolean isBehind(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    static void read(String[] words) throws IOException {
        Properties settings = new Properties();

        next();
        settings.put("bootstrap.servers", words[1]);
        settings.put("isolation.level", words.length > 3 ? "read_uncommitted" : "read_committed");
        settings.put("enable.auto.commit", "false");
        try (KafkaConsumer<byte[], byte[]> consumer =
                 new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(words[2]).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();

            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);

            while (!isBehind(consumer, ends)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200)))
                    OUTPUT.println(line(record));
            }
        }
    }

    // ---- keys and values ----

    static String shown(Windowed<byte[]> windowed) {
        return text(windowed.key()) + "\t" + windowed.window().start() + "\t" + windowed.window().end();
    }

    static String shownBytes(Windowed<Bytes> windowed) {
        return shown(new Windowed<>(windowed.key().get(), windowed.window()));
    }

    /* Prints nothing before it has read all: who asks may not read before it has written all. */
    static void eachLine(Function<String, String> made) throws IOException {
        List<String> answers = new ArrayList<>();

        for (String line; (line = next()) != null;)
            answers.add(made.apply(line));
        answers.forEach(OUTPUT::println);
    }

    static void decode(String[] words) throws IOException {
        Deserializer<Windowed<byte[]>> keys = words[1].equals("session")
            ? new SessionWindowedDeserializer<>(new ByteArrayDeserializer())
            : new TimeWindowedDeserializer<>(new ByteArrayDeserializer(), Long.parseLong(words[2]));

        eachLine(line -> shown(keys.deserialize("", bytes(line))));
    }

    static void encode(String[] words) throws IOException {
        boolean isSession = words[1].equals("session");
        Serializer<Windowed<byte[]>> keys = isSession ? new SessionWindowedSerializer<>(new ByteArraySerializer())
                                                      : new TimeWindowedSerializer<>(new ByteArraySerializer());

        eachLine(line -> {
            String[] fields = line.split("\t");
            long start = Long.parseLong(fields[1]);
            long end = Long.parseLong(fields[2]);
            Window window = isSession ? new SessionWindow(start, end) : new TimeWindow(start, end);

            return text(keys.serialize("", new Windowed<>(bytes(fields[0]), window)));
        });
    }

    static void logged(String[] words) throws IOException {
        if (words[1].equals("session"))
            eachLine(line -> shownBytes(SessionKeySchema.from(Bytes.wrap(bytes(line)))));
        else
            eachLine(line -> shownBytes(WindowKeySchema.fromStoreBytesKey(bytes(line), Long.parseLong(words[2]))));
    }

    static void stored() throws IOException {
        Deserializer<ValueAndTimestamp<byte[]>> values = new ValueAndTimestampSerde<>(Serdes.ByteArray()).deserializer();

        eachLine(line -> {
            ValueAndTimestamp<byte[]> value = values.deserialize("", bytes(line));

            return value.timestamp() + "\t" + text(value.value());
        });
    }

    static void act(String[] words) throws Exception {
        switch (words[0]) {
        case "write" -> write(words);
        case "read" -> read(words);
        case "decode" -> decode(words);
        case "encode" -> encode(words);
        case "logged" -> logged(words);
        case "stored" -> stored();
        default -> throw new IllegalArgumentException(words[0]);
        }
    }

    public static void main(String[] none) throws IOException {
        for (String words; (words = INPUT.readLine()) != null; OUTPUT.flush()) {
            try {
                act(words.split("\t"));
                OUTPUT.println(".");
            } catch (Exception failure) {
                OUTPUT.println("!" + failure);
            }
        }
    }
}
