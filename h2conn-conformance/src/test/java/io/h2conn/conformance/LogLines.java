package io.h2conn.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** What is logged between its making and its closing: the test's logger writes to the process's standard error. */
final class LogLines implements AutoCloseable {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final PrintStream err = System.err;

    LogLines() {
        System.setErr(new PrintStream(log, true, UTF_8));
    }

    @Override
    public void close() {
        System.setErr(err);
    }

    List<String> containing(String text) {
        return log.toString(UTF_8).lines().filter(line -> line.contains(text)).toList();
    }
}
