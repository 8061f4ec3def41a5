package io.h2conn.reliability;

import com.sun.management.UnixOperatingSystemMXBean;
import io.h2conn.internal.BufferPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What a process holds at one moment.
 *
 * @param millis since the beginning of the run
 * @param values what was measured; what was not is absent
 */
record Sample(long millis, Map<Metric, Long> values) {
    enum Metric {
        /** Bytes, with garbage. */
        HEAP("heap, with garbage", "MiB", 1 << 20),
        /** Bytes, right after a collection that {@code System.gc()} asked for. */
        HEAP_AFTER_GC("heap after System.gc()", "MiB", 1 << 20),
        /** Bytes of direct buffers. */
        DIRECT("direct memory", "MiB", 1 << 20),
        /** Buffers of the library's pool that are handed out. */
        BUFFERS("send buffers handed out", "buffers", 1),
        THREADS("threads", "threads", 1),
        /** Sockets, pipes, selectors and files, but for the JDK's and the class path's own, which open when they are needed. */
        FILES("open file descriptors", "descriptors", 1),
        CONNECTIONS("open connections", "connections", 1),
        /** Milliseconds of processor time since the start of the process. */
        CPU("processor time", "s", 1000);

        final String title;
        final String unit;
        final int scale;

        Metric(String title, String unit, int scale) {
            this.title = title;
            this.unit = unit;
            this.scale = scale;
        }
    }

    /**
     * Measures this process.
     *
     * @param millis since the beginning
     * @param connections that are open
     * @param collect whether to collect garbage first
     */
    static Sample take(long millis, int connections, boolean collect) {
        Map<Metric, Long> values = new EnumMap<>(Metric.class);
        values.put(Metric.HEAP, heap());
        if (collect) {
            System.gc();
            values.put(Metric.HEAP_AFTER_GC, heap());
        }
        values.put(
                Metric.DIRECT,
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum());
        values.put(Metric.BUFFERS, BufferPool.outstanding());
        values.put(Metric.THREADS, (long) ManagementFactory.getThreadMXBean().getThreadCount());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            values.put(Metric.FILES, files(system));
            values.put(Metric.CPU, system.getProcessCpuTime() / 1_000_000);
        }
        values.put(Metric.CONNECTIONS, (long) connections);
        return new Sample(millis, values);
    }

    private static long files(UnixOperatingSystemMXBean system) {
        Path all = Path.of("/proc/self/fd");
        if (!Files.isDirectory(all)) {
            return system.getOpenFileDescriptorCount();
        }
        long count = 0;
        try (DirectoryStream<Path> links = Files.newDirectoryStream(all)) {
            for (Path link : links) {
                count += isOfClassPath(link) ? 0 : 1;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot count open files", e);
        }
        return count;
    }

    private static boolean isOfClassPath(Path link) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.endsWith(".jar") || target.endsWith("/lib/modules");
        } catch (IOException e) {
            return true; // closed meanwhile
        }
    }

    private static long heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    String format() {
        StringBuilder line = new StringBuilder().append(millis);
        for (Metric metric : Metric.values()) {
            line.append(' ').append(values.containsKey(metric) ? values.get(metric) : "-");
        }
        return line.toString();
    }

    static Sample parse(String line) {
        Map<Metric, Long> values = new EnumMap<>(Metric.class);
        Iterator<String> words = List.of(line.split(" ")).iterator();
        long millis = Long.parseLong(words.next());
        for (Metric metric : Metric.values()) {
            String word = words.next();
            if (!word.equals("-")) {
                values.put(metric, Long.valueOf(word));
            }
        }
        return new Sample(millis, values);
    }
}
