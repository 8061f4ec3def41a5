package io.h2conn.examples.echo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionTimeoutException;
import io.h2conn.client.DuplexClient;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.examples.cli.ClientOptions;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Sends lines and prints the answers, both at the same time. */
@Command(
        name = "echo",
        description = {
            "Sends each line of the standard input as a JSON string, and prints each answer.",
            "Ends when the input has ended and all answers are in."
        })
public final class EchoClient implements Callable<Integer> {
    /** How long a server that has answered everything may take to end the connection. */
    private static final int END_SECONDS = 5;

    private final InputStream input;

    @Mixin
    private final ClientOptions options = new ClientOptions();

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * Makes the program.
     *
     * @param input where the lines come from
     */
    public EchoClient(InputStream input) {
        this.input = input;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (DuplexClient client = options.client();
                MessageConnection<String, String> messages =
                        MessageConnection.of(client.connect(options.uri()), JsonCodec.of(String.class))) {
            Semaphore answers = new Semaphore(0);
            CompletableFuture<Integer> allAnswered = new CompletableFuture<>();
            // A daemon: when the server goes away, the program ends although this thread still waits for a line.
            Thread sender = new Thread(() -> send(messages, answers, allAnswered), "send-lines");
            sender.setDaemon(true);
            sender.start();
            print(messages, answers, allAnswered, out);
        }
        return 0;
    }

    private void send(MessageConnection<String, String> messages, Semaphore answers, CompletableFuture<Integer> done) {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(input, UTF_8));
            int sent = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                messages.send(line);
                sent++;
            }
            answers.acquire(sent);
            done.complete(sent);
            messages.connection().setReadDeadline(Instant.now().plusSeconds(END_SECONDS));
            messages.closeOutput();
        } catch (IOException | InterruptedException e) {
            if (done.completeExceptionally(e)) {
                messages.connection().abort();
            }
        }
    }

    private static void print(
            MessageConnection<String, String> messages,
            Semaphore answers,
            CompletableFuture<Integer> allAnswered,
            PrintWriter out)
            throws IOException {
        try {
            for (String answer = messages.receive(); answer != null; answer = messages.receive()) {
                out.println(answer);
                answers.release();
            }
        } catch (ConnectionTimeoutException e) {
            // Everything is answered, only the server does not end its half: no reason to wait any longer.
            messages.connection().abort();
            return;
        } catch (IOException e) {
            // If sending failed first, that is why receiving did.
            throw allAnswered.isCompletedExceptionally()
                            && allAnswered.handle((count, failure) -> failure).join() instanceof IOException failure
                    ? failure
                    : e;
        }
        if (!allAnswered.isDone()) {
            throw new EOFException("the server ended the connection before everything was answered");
        }
    }
}
