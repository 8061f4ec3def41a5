package io.h2conn.benchmarks.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The files named status in Linux's /proc. */
final class ProcStatus {
    private ProcStatus() {}

    /**
     * A line's number.
     *
     * @throws NoSuchFileException if the process or the thread has ended, which may show when the file is being read, too
     */
    static long number(Path file, String name) throws IOException {
        String content;
        try {
            content = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            if ("No such process".equals(e.getMessage())) {
                throw new NoSuchFileException(file.toString());
            }
            throw e;
        }
        return content.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .map(Long::valueOf)
                .findAny()
                .orElseThrow(() -> new IOException(file + " does not tell " + name));
    }
}
