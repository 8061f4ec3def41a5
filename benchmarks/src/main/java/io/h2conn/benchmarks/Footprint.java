package io.h2conn.benchmarks;

import com.sun.management.UnixOperatingSystemMXBean;
import io.h2conn.internal.BufferPool;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a process holds at this moment.
 *
 * @param facts numbers by name
 * @param classes bytes of live objects by class
 */
record Footprint(Map<Fact, Long> facts, Map<String, Long> classes) {
    enum Fact {
        /** Bytes of live objects, counted by the garbage collector. */
        HEAP,
        /** Bytes of direct buffers, in use or pooled. */
        DIRECT,
        /** Bytes, as the operating system counts them; includes heap that the collector has not given back. */
        RESIDENT,
        THREADS,
        /** Open file descriptors. */
        FILES,
        /** Buffers of ours that are handed out. */
        BUFFERS
    }

    /** Collects garbage, then looks. */
    static Footprint ofThisProcess() throws IOException, JMException {
        Map<String, Long> classes = histogram();
        Map<Fact, Long> facts = new LinkedHashMap<>();
        facts.put(
                Fact.HEAP, classes.values().stream().mapToLong(Long::longValue).sum());
        facts.put(
                Fact.DIRECT,
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum());
        facts.put(Fact.RESIDENT, resident());
        facts.put(Fact.THREADS, (long) ManagementFactory.getThreadMXBean().getThreadCount());
        facts.put(
                Fact.FILES,
                ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                        .getOpenFileDescriptorCount());
        facts.put(Fact.BUFFERS, BufferPool.outstanding());
        return new Footprint(facts, classes);
    }

    /** As {@code jcmd PID GC.class_histogram}, which collects garbage first. */
    private static Map<String, Long> histogram() throws JMException {
        String table = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> bytes = new TreeMap<>();
        // A line is "number: instances bytes class (module)".
        table.lines().map(line -> line.trim().split(" +")).forEach(words -> {
            if (words.length >= 4 && words[0].matches("\\d+:")) {
                bytes.merge(words[3].replaceAll("\\$\\$Lambda.*", "\\$\\$Lambda"), Long.parseLong(words[2]), Long::sum);
            }
        });
        return bytes;
    }

    private static long resident() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String line =
                    lines.filter(text -> text.startsWith("VmRSS:")).findAny().orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
    }

    long get(Fact fact) {
        return facts.get(fact);
    }

    /** What of one class came on top of an earlier footprint, by class, the most first. */
    Map<String, Long> growthByClass(Footprint before) {
        Map<String, Long> growth = new TreeMap<>(classes);
        before.classes.forEach((name, bytes) -> growth.merge(name, -bytes, Long::sum));
        return growth.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Long::sum, LinkedHashMap::new));
    }

    /** As one line. */
    String format() {
        Stream<String> numbers = facts.entrySet().stream().map(fact -> fact.getKey() + "=" + fact.getValue());
        Stream<String> bytes = classes.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue());
        return Stream.concat(numbers, bytes).collect(Collectors.joining(" "));
    }

    /** The opposite. */
    static Footprint parse(String line) {
        Map<Fact, Long> facts = new LinkedHashMap<>();
        Map<String, Long> classes = new TreeMap<>();
        for (String word : line.split(" ")) {
            int equals = word.lastIndexOf('=');
            long value = Long.parseLong(word.substring(equals + 1));
            if (facts.size() < Fact.values().length) {
                facts.put(Fact.valueOf(word.substring(0, equals)), value);
            } else {
                classes.put(word.substring(0, equals), value);
            }
        }
        return new Footprint(facts, classes);
    }
}
