package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.benchmarks.peer.Identity;
import io.h2conn.benchmarks.peer.Security;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The program in Go, with a line for each command and one for each answer. */
final class GoProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;

    private GoProcess(Path identity, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(Identity.DIRECTORY, identity.toString());
        process = builder.start();
        answers = process.inputReader(UTF_8);
        commands = new PrintStream(process.getOutputStream(), true, UTF_8);
    }

    static GoProcess server(Path program, Path identity, Security security) throws IOException {
        return new GoProcess(identity, program.toString(), "server", GoProgram.NAME, word(security));
    }

    static GoProcess client(Path program, Path identity, Security security, int port) throws IOException {
        GoProcess client = new GoProcess(
                identity, program.toString(), "client", GoProgram.NAME, word(security), String.valueOf(port));
        assertThat(client.answer()).isEqualTo("ready");
        return client;
    }

    static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /** What a server says first. */
    int port() throws IOException {
        String answer = answer();
        assertThat(answer).startsWith("port=");
        return Integer.parseInt(answer.substring("port=".length()));
    }

    void send(String command) {
        commands.println(command);
    }

    String answer() throws IOException {
        return String.valueOf(answers.readLine());
    }

    String answerTo(String command) throws IOException {
        send(command);
        return answer();
    }

    void awaitReceivers(int receivers) throws IOException {
        String expected = "receivers=" + receivers;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String answer = answerTo("receivers");
        while (!answer.equals(expected) && System.nanoTime() - deadline < 0) {
            answer = answerTo("receivers");
        }
        assertThat(answer).isEqualTo(expected);
    }

    /** Ends its input, which ends it. */
    @Override
    public void close() throws InterruptedException {
        commands.close();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
