package io.h2conn.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An example program that a test has started, in a thread of this process or as a process of its own. */
public final class Program implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final String description;
    private final OutputStream input;
    private final Lines output = new Lines();
    private final Lines errors = new Lines();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private Runnable end = () -> {};

    private Program(String description, OutputStream input) {
        this.description = description;
        this.input = input;
    }

    /** Collects lines, and lets threads wait for them. */
    private static final class Lines extends OutputStream {
        private final List<String> lines = new ArrayList<>();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            if (b == '\n') {
                lines.add(line.toString(UTF_8));
                line.reset();
                notifyAll();
            } else {
                line.write(b);
            }
        }

        synchronized List<String> all() {
            List<String> all = new ArrayList<>(lines);
            if (line.size() > 0) {
                all.add(line.toString(UTF_8));
            }
            return all;
        }

        synchronized String await(Predicate<String> wanted, Program program) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (true) {
                for (String each : lines) {
                    if (wanted.test(each)) {
                        return each;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("no such line from " + program);
                }
                wait(left);
            }
        }
    }

    /** Runs a program in a thread. */
    public static Program inThread(String... args) {
        PipedOutputStream input = new PipedOutputStream();
        Program program = new Program(String.join(" ", args), input);
        InputStream source;
        try {
            source = new PipedInputStream(input, 1 << 16);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(() -> {
            PrintWriter out = new PrintWriter(new OutputStreamWriter(program.output, UTF_8), true);
            PrintWriter err = new PrintWriter(new OutputStreamWriter(program.errors, UTF_8), true);
            try {
                program.exitCode.complete(
                        Main.commandLine(source, false).setOut(out).setErr(err).execute(args));
            } catch (Throwable e) {
                program.exitCode.completeExceptionally(e);
            }
        });
        program.end = thread::interrupt;
        thread.start();
        return program;
    }

    /** Runs a program as a user would, in a second JVM. */
    public static Program inProcess(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        return start(new ProcessBuilder(command));
    }

    /** Runs any command. */
    public static Program start(ProcessBuilder command) throws IOException {
        Process process = command.start();
        Program program = new Program(String.join(" ", command.command()), process.getOutputStream());
        Thread errors = copy(process.getErrorStream(), program.errors);
        Thread output = copy(process.getInputStream(), program.output);
        Thread exit = new Thread(() -> {
            try {
                output.join();
                errors.join();
                program.exitCode.complete(process.waitFor());
            } catch (InterruptedException e) {
                program.exitCode.completeExceptionally(e);
            }
        });
        exit.setDaemon(true);
        exit.start();
        program.end = process::destroy; // SIGTERM
        return program;
    }

    private static Thread copy(InputStream from, OutputStream to) {
        Thread thread = new Thread(() -> {
            try {
                from.transferTo(to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Types a line. */
    public Program type(String line) throws IOException {
        input.write((line + "\n").getBytes(UTF_8));
        input.flush();
        return this;
    }

    /** Ends the input. */
    public Program endInput() throws IOException {
        input.close();
        return this;
    }

    /** Waits for a line of output that contains a text. */
    public String awaitLine(String text) throws InterruptedException {
        return output.await(line -> line.contains(text), this);
    }

    /** Waits for a line of errors that contains a text. */
    public String awaitError(String text) throws InterruptedException {
        return errors.await(line -> line.contains(text), this);
    }

    /** Waits until a server listens. */
    public String awaitUrl() throws InterruptedException {
        return awaitLine("listening on ").substring("listening on ".length());
    }

    /** Waits for the end of the program. */
    public int awaitExit() throws Exception {
        return exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Asks the program to end: an interrupt of the thread, or SIGTERM. */
    public Program askToEnd() {
        end.run();
        return this;
    }

    public List<String> output() {
        return output.all();
    }

    public List<String> errors() {
        return errors.all();
    }

    /** Ends the program and waits for that: a client ends with its input, a server when it is asked to. */
    @Override
    public void close() throws Exception {
        input.close();
        if (description.contains("-server")) {
            askToEnd();
        }
        awaitExit();
    }

    @Override
    public String toString() {
        return description + ", exit " + exitCode + ", output " + output() + ", errors " + errors();
    }
}
