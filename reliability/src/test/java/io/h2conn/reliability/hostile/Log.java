package io.h2conn.reliability.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/** What the library writes to its log, from now until it is closed. */
final class Log implements AutoCloseable {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream before = System.err;

    Log() {
        OutputStream both = new OutputStream() {
            @Override
            public void write(int b) {
                bytes.write(b);
                before.write(b);
            }

            @Override
            public void write(byte[] b, int off, int len) {
                bytes.write(b, off, len);
                before.write(b, off, len);
            }
        };
        System.setErr(new PrintStream(both, true, UTF_8));
    }

    /** Lines of the library's own, as opposed to Jetty's and to stack traces. */
    List<String> lines() {
        return bytes.toString(UTF_8)
                .lines()
                .filter(line -> line.contains(" io.h2conn."))
                .toList();
    }

    List<String> warnings() {
        return lines().stream().filter(line -> line.contains("WARN")).toList();
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}
