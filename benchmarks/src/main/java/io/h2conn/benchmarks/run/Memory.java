package io.h2conn.benchmarks.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process holds.
 *
 * @param heap bytes of the objects that are alive; NaN if it is no JVM
 * @param resident bytes of memory; NaN where /proc does not tell
 */
public record Memory(double heap, double resident) {
    static final Memory UNKNOWN = new Memory(Double.NaN, Double.NaN);

    /** Measures a JVM, after a full garbage collection. */
    static Memory ofJvm(long pid) throws IOException {
        double heap = heap(pid);
        return new Memory(heap, resident(pid));
    }

    /** Measures a process of which nobody knows the heap. */
    static Memory of(long pid) throws IOException {
        return new Memory(Double.NaN, resident(pid));
    }

    private static double resident(long pid) throws IOException {
        Path status = Path.of("/proc", String.valueOf(pid), "status");
        return Files.exists(status) ? ProcStatus.number(status, "VmRSS") * 1024.0 : Double.NaN;
    }

    /** The histogram of a JVM's heap begins with a full collection, and ends with a total. */
    private static double heap(long pid) throws IOException {
        Process jcmd = new ProcessBuilder(Java.own().tool("jcmd"), String.valueOf(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        jcmd.getOutputStream().close();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        return histogram
                .lines()
                .filter(line -> line.startsWith("Total "))
                .map(line -> Double.valueOf(line.trim().split(" +")[2]))
                .findAny()
                .orElseThrow(() -> new IOException("jcmd tells no total of the heap: "
                        + histogram.lines().limit(3).toList()));
    }

    Memory minus(Memory before) {
        return new Memory(heap - before.heap, resident - before.resident);
    }
}
