package io.h2conn.benchmarks.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How often each thread of a process has waited so far: given up its core before its time was up. Only Linux tells.
 *
 * @param byThread voluntary context switches
 */
record Waits(Map<String, Long> byThread) {
    static Waits of(long pid) throws IOException {
        Path tasks = Path.of("/proc", String.valueOf(pid), "task");
        Map<String, Long> byThread = new HashMap<>();
        if (Files.isDirectory(tasks)) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
                for (Path thread : threads) {
                    read(thread, byThread);
                }
            }
        }
        return new Waits(byThread);
    }

    private static void read(Path thread, Map<String, Long> byThread) throws IOException {
        try {
            long switches = ProcStatus.number(thread.resolve("status"), "voluntary_ctxt_switches");
            byThread.put(thread.getFileName().toString(), switches);
        } catch (NoSuchFileException e) {
            // The thread has ended since the directory was listed: it waits no more.
        }
    }

    /** How many there were since an earlier count, or NaN where nobody knows; those of threads that have ended are lost. */
    double since(Waits earlier) {
        if (byThread.isEmpty()) {
            return Double.NaN;
        }
        long waits = 0;
        for (Map.Entry<String, Long> thread : byThread.entrySet()) {
            waits += thread.getValue() - earlier.byThread.getOrDefault(thread.getKey(), 0L);
        }
        return waits;
    }
}
