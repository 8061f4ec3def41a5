package io.h2conn.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;

/** A server in a process of its own, which talks line by line and ends when its input does. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final PrintStream input;

    private ServerProcess(Process process) {
        this.process = process;
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        input = new PrintStream(process.getOutputStream(), true, UTF_8);
    }

    /** Runs a class's main method with this process's own Java and class path. */
    static ServerProcess launch(Class<?> main) throws IOException {
        return new ServerProcess(new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        main.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    String readLine() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new EOFException("the server process has ended");
        }
        return line;
    }

    int readPort() throws IOException {
        return Integer.parseInt(readLine());
    }

    void writeLine(String line) {
        input.println(line);
    }

    /** What this process and the server have used so far. */
    Duration cpu() {
        return cpu(ProcessHandle.current()).plus(cpu(process.toHandle()));
    }

    private static Duration cpu(ProcessHandle handle) {
        return handle.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        input.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
