package io.h2conn.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What happened in one test, for people: a file that is complete up to the moment, even when the test hangs. */
final class Transcript implements Closeable {
    private final Path file;
    private final Writer writer;
    private final long start = System.nanoTime();
    private boolean closed;

    Transcript(Path file) throws IOException {
        this.file = file;
        Files.createDirectories(file.getParent());
        writer = Files.newBufferedWriter(file);
    }

    /**
     * Adds a line.
     *
     * @param who the program
     * @param mark what the line is, see the package
     * @param line the line, without its end
     */
    synchronized void add(String who, char mark, String line) {
        if (closed) {
            return;
        }
        try {
            writer.write(String.format(Locale.ROOT, "%8.3f %s %s %s%n", seconds(), who, mark, line));
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    String text() {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            return "cannot read " + file + ": " + e;
        }
    }

    Path file() {
        return file;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        writer.close();
    }
}
