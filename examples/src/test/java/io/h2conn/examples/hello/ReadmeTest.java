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
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The README's code runs; {@link SnippetsTest} sees to it that it is this code. */
class ReadmeTest {
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
}
