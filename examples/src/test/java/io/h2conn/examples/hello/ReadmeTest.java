package io.h2conn.examples.hello;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.server.DuplexServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's code runs, and is the code that runs here. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("<!-- region (\\w+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REGION =
            Pattern.compile("^( *)// region (\\w+)\\n(.*?)^ *// endregion", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void theServerAndTheClientTalk() throws Exception {
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HelloServer.class.getName(),
                        "0")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        PrintStream console = System.out;
        try (BufferedReader ready = new BufferedReader(new InputStreamReader(server.getInputStream(), UTF_8))) {
            String line = ready.readLine();
            assertThat(line).startsWith("listening on http://");
            URI uri = URI.create(line.substring("listening on ".length())).resolve("/echo");
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            System.setOut(new PrintStream(printed, true, UTF_8));
            HelloClient.main(new String[] {uri.toString()});
            assertThat(printed.toString(UTF_8)).isEqualTo("hello\n");
        } finally {
            System.setOut(console);
            server.destroy();
        }
    }

    // region messages
    record Question(String text) {}

    record Answer(String text, int length) {}

    static void answerAll(DuplexConnection connection) throws IOException {
        var messages = MessageConnection.of(connection, JsonCodec.of(Question.class), JsonCodec.of(Answer.class));
        for (Question question : messages) {
            messages.send(new Answer(question.text(), question.text().length()));
        }
    }
    // endregion

    @Test
    void messagesAreAnswered() throws Exception {
        try (DuplexServer server = DuplexServer.builder()
                        .port(0)
                        .handle("/", ReadmeTest::answerAll)
                        .start();
                DuplexClient client = DuplexClient.create();
                MessageConnection<Answer, Question> messages = MessageConnection.of(
                        client.connect(server.uri()), JsonCodec.of(Answer.class), JsonCodec.of(Question.class))) {
            messages.send(new Question("how long is this?"));
            assertThat(messages.receive()).isEqualTo(new Answer("how long is this?", 17));
        }
    }

    @Test
    void deadlinesAndListenersWork() throws Exception {
        // region async
        DuplexServer server = DuplexServer.builder()
                .port(0)
                .handleAsync("/echo", connection -> connection.listen(connection::writeAsync)) // no thread while idle
                .start();
        // endregion
        try (server;
                DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(server.uri().resolve("/echo"))) {
            connection.setReadTimeout(Duration.ofSeconds(30));
            connection.output().write("hello".getBytes(UTF_8));
            assertThat(connection.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
        }
    }

    @Test
    void everyBlockOfTheReadmeIsARegionOfCodeThatRuns() throws IOException {
        Map<String, String> regions;
        try (Stream<Path> sources = Files.walk(ROOT.resolve("examples/src"))) {
            regions = sources.filter(path -> path.toString().endsWith(".java"))
                    .flatMap(path -> regions(path).entrySet().stream())
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }
        String readme = Files.readString(ROOT.resolve("README.md"));
        List<Matcher> blocks = BLOCK.matcher(readme)
                .results()
                .map(r -> BLOCK.matcher(r.group()))
                .toList();
        assertThat(blocks).hasSize(4);
        assertThat(readme.split("```java", -1)).as("blocks without a region").hasSize(blocks.size() + 1);
        for (Matcher block : blocks) {
            assertThat(block.find()).isTrue();
            assertThat(block.group(2)).as("the region %s", block.group(1)).isEqualTo(regions.get(block.group(1)));
        }
    }

    private static Map<String, String> regions(Path source) {
        try {
            return REGION.matcher(Files.readString(source))
                    .results()
                    .collect(Collectors.toMap(
                            r -> r.group(2),
                            r -> r.group(3)
                                    .lines()
                                    .map(l -> l.isBlank()
                                            ? ""
                                            : l.substring(r.group(1).length()))
                                    .collect(Collectors.joining("\n", "", "\n"))));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
