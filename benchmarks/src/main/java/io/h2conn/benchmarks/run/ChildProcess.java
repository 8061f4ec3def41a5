package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that talks line by line, and ends when its input does. It ends with this one, too, however that comes to its
 * end: then its input ends.
 */
public final class ChildProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String END = "\0end";

    /** A process has not said anything for too long. */
    static final class SilentException extends IOException {
        private static final long serialVersionUID = 1;

        SilentException(String message) {
            super(message);
        }
    }

    private final String name;
    private final Process process;
    private final PrintStream input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread reader;
    private final Thread hook;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        input = new PrintStream(process.getOutputStream(), true, UTF_8);
        reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
        hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts one; what it prints as errors goes where this process's errors go.
     *
     * @param name how messages call it
     * @param command the program and its arguments
     * @param environment added to this process's own
     */
    static ChildProcess start(String name, List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        builder.environment().putAll(environment);
        return new ChildProcess(name, builder.start());
    }

    /**
     * Starts one; what it prints as errors goes to a file.
     *
     * @param name how messages call it
     * @param command the program and its arguments
     * @param errors is replaced
     * @return the process
     * @throws IOException if it cannot be started
     */
    public static ChildProcess start(String name, List<String> command, Path errors) throws IOException {
        return new ChildProcess(
                name, new ProcessBuilder(command).redirectError(errors.toFile()).start());
    }

    /**
     * Runs a class's main method with this process's own Java and class path.
     *
     * @param main the class
     * @return the process
     * @throws IOException if it cannot be started
     */
    public static ChildProcess java(Class<?> main) throws IOException {
        return start(main.getSimpleName(), Java.own().command(main.getName()), Map.of());
    }

    private void read() {
        try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what " + name + " prints", e);
        } finally {
            lines.add(END);
        }
    }

    /**
     * Waits for a line.
     *
     * @param limit how long at most
     * @return the line
     * @throws IOException if there is none
     */
    public String readLine(Duration limit) throws IOException {
        String line = poll(limit);
        if (line == null) {
            throw new SilentException(name + " has not answered for " + limit.toSeconds() + " s");
        }
        if (line.equals(END)) {
            lines.add(END);
            throw new EOFException(name + " has ended");
        }
        return line;
    }

    private @Nullable String poll(Duration limit) throws InterruptedIOException {
        try {
            return lines.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + name);
        }
    }

    /**
     * Sends a line.
     *
     * @param line without its end
     */
    public void writeLine(String line) {
        input.println(line);
    }

    /**
     * What it has used so far.
     *
     * @return user and system time
     */
    public Duration cpu() {
        return cpu(process.toHandle());
    }

    /**
     * What this process itself has used so far.
     *
     * @return user and system time
     */
    public static Duration ownCpu() {
        return cpu(ProcessHandle.current());
    }

    private static Duration cpu(ProcessHandle handle) {
        return handle.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    long pid() {
        return process.pid();
    }

    /** Has it print the stacks of its threads, as JVMs and Go programs do at SIGQUIT, to this process's errors. */
    void dumpThreads() throws IOException {
        System.err.println("threads of " + name + ":");
        new ProcessBuilder("kill", "-QUIT", String.valueOf(pid())).inheritIO().start();
        for (String line = poll(PATIENCE); line != null && !line.equals(END); line = poll(Duration.ofSeconds(1))) {
            System.err.println(line);
        }
    }

    /** Ends it at once. */
    public void kill() {
        process.destroyForcibly();
        close();
    }

    /** Ends its input, and waits until it has ended; by force if that takes too long. */
    @Override
    public void close() {
        input.close();
        try {
            if (!process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            process.destroyForcibly(); // this process is ending: the hook does the same
        }
    }
}
