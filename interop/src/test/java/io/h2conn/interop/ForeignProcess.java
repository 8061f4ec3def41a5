package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A running program, driven line by line. Every wait is bounded, and fails the test when it takes too long. */
final class ForeignProcess {
    /** Seconds. Programs start slowly on a busy machine; nothing that works takes nearly as long. */
    private static final int PATIENCE = 30;

    private final String name;
    private final Process process;
    private final Transcript transcript;
    private final OutputStream input;
    /** The lines of the standard output; an empty one is its end. */
    private final BlockingQueue<Optional<String>> output = new LinkedBlockingQueue<>();
    /** The lines of the standard error. Guarded by itself, and notified. */
    private final List<String> errors = new ArrayList<>();

    private final List<Thread> readers;

    private ForeignProcess(String name, Process process, Transcript transcript) {
        this.name = name;
        this.process = process;
        this.transcript = transcript;
        this.input = process.getOutputStream();
        readers = List.of(
                reader("stdout", process.getInputStream(), this::onOutput, () -> output.add(Optional.empty())),
                reader("stderr", process.getErrorStream(), this::onError, () -> {}));
        readers.forEach(Thread::start);
    }

    /**
     * Starts a program.
     *
     * @param name short, for the transcript
     * @param builder the program
     * @param help what to do if there is no such program
     */
    static ForeignProcess start(String name, ProcessBuilder builder, String help, Transcript transcript) {
        transcript.add(name, '$', String.join(" ", builder.command()));
        try {
            return new ForeignProcess(name, builder.start(), transcript);
        } catch (IOException e) {
            throw new AssertionError(builder.command().get(0) + " cannot be started: " + help, e);
        }
    }

    private Thread reader(String stream, InputStream in, Consumer<String> line, Runnable end) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
                        lines.lines().forEach(line);
                    } catch (IOException | UncheckedIOException e) {
                        // A killed process: the end of its output, wherever that was.
                        transcript.add(name, '*', stream + " broke: " + e.getMessage());
                    } finally {
                        end.run();
                    }
                },
                name + "-" + stream);
        thread.setDaemon(true);
        return thread;
    }

    private void onOutput(String line) {
        transcript.add(name, '<', line);
        output.add(Optional.of(line));
    }

    private void onError(String line) {
        transcript.add(name, '!', line);
        synchronized (errors) {
            errors.add(line);
            errors.notifyAll();
        }
    }

    /** Writes a line to the standard input. */
    void send(String line) throws IOException {
        transcript.add(name, '>', line);
        input.write((line + "\n").getBytes(UTF_8));
        input.flush();
    }

    /** Ends the standard input. */
    void endInput() throws IOException {
        transcript.add(name, '*', "standard input ends");
        input.close();
    }

    /** The next line of the standard output. */
    String line() throws InterruptedException {
        Optional<String> line = output.poll(PATIENCE, SECONDS);
        if (line == null) {
            throw new AssertionError(name + " printed nothing for " + PATIENCE + " s; see " + transcript.file());
        }
        return line.orElseThrow(
                () -> new AssertionError(name + " ended where a line was expected; see " + transcript.file()));
    }

    /** What is left of the standard output when the program has ended. */
    List<String> restOfOutput() throws InterruptedException {
        exitCode();
        List<String> lines = new ArrayList<>();
        for (Optional<String> line = output.take(); line.isPresent(); line = output.take()) {
            lines.add(line.get());
        }
        return lines;
    }

    /** Waits until the standard error has a line with these words. */
    void awaitError(String words) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(PATIENCE);
        synchronized (errors) {
            while (errors.stream().noneMatch(line -> line.contains(words))) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw new AssertionError("the standard error of " + name + " lacked \"" + words + "\" for "
                            + PATIENCE + " s; see " + transcript.file());
                }
                errors.wait(millis);
            }
        }
    }

    /** The standard error up to now. */
    List<String> errors() {
        synchronized (errors) {
            return List.copyOf(errors);
        }
    }

    /** Waits for the end of the program and of what it printed. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE, SECONDS)) {
            throw new AssertionError(name + " did not end within " + PATIENCE + " s; see " + transcript.file());
        }
        for (Thread reader : readers) {
            reader.join(SECONDS.toMillis(PATIENCE));
        }
        return process.exitValue();
    }

    /** Ends the program as a crash would, and waits until it is gone. */
    void kill() throws InterruptedException {
        if (process.isAlive()) {
            transcript.add(name, '*', "killed");
            process.destroyForcibly();
        }
        transcript.add(name, '*', "exit code " + exitCode());
    }
}
