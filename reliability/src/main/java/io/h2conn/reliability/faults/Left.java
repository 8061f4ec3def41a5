package io.h2conn.reliability.faults;

import io.h2conn.internal.BufferPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process holds.
 *
 * @param connections whose {@code closed()} has not completed
 * @param sessions TCP connections that Jetty knows of; only a server counts them
 * @param streams that Jetty knows of; only a server counts them
 * @param buffers of the library's pool that are handed out
 * @param threads of the library
 * @param files sockets, pipes and selectors
 */
record Left(int connections, int sessions, int streams, long buffers, long threads, int files) {
    static Left measure(int connections, int sessions, int streams) {
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("h2conn-"))
                .count();
        return new Left(connections, sessions, streams, BufferPool.outstanding(), threads, openFiles());
    }

    private static int openFiles() {
        int count = 0;
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                count += isOpen(link) ? 1 : 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot count open files", e);
        }
        return count;
    }

    private static boolean isOpen(Path link) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("socket:") || target.startsWith("anon_inode:") || target.startsWith("pipe:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    String format() {
        return connections + " " + sessions + " " + streams + " " + buffers + " " + threads + " " + files;
    }

    static Left parse(String line) {
        String[] words = line.split(" ", -1);
        return new Left(
                Integer.parseInt(words[0]),
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]),
                Integer.parseInt(words[5]));
    }

    /** Whether nothing is held that was not held before. */
    boolean isNoMoreThan(Left before) {
        return connections <= before.connections
                && sessions <= before.sessions
                && streams <= before.streams
                && buffers <= before.buffers
                && threads <= before.threads
                && files <= before.files;
    }

    String comparedWith(Left before) {
        return connections + "/" + streams + "/" + buffers + "/"
                + String.format("%+d/%+d", threads - before.threads, files - before.files);
    }
}
