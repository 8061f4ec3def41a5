package io.h2conn.reliability;

import io.h2conn.benchmarks.run.ChildProcess;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of the two processes, and the thread that takes what it says. */
final class Child implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(330);

    private final String name;
    private final ChildProcess process;
    private final Ledger ledger;
    private final Series samples;
    private final Map<String, BlockingQueue<String>> answers = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    Child(String name, ChildProcess process, Ledger ledger, Series samples) {
        this.name = name;
        this.process = process;
        this.ledger = ledger;
        this.samples = samples;
        Thread thread = new Thread(this::listen, "soak-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    void say(String line) {
        process.writeLine(line);
    }

    private void listen() {
        try {
            while (true) {
                String[] words = process.readLine(SILENCE).split(" ", 2);
                String rest = words.length > 1 ? words[1] : "";
                switch (words[0]) {
                    case "entry" -> ledger.add(Entry.parse(rest));
                    case "sample" -> samples.add(Sample.parse(rest));
                    case "finding" -> ledger.violate(name + ": " + rest);
                    default -> answers(words[0]).add(rest);
                }
            }
        } catch (EOFException e) {
            ended.countDown();
        } catch (IOException | RuntimeException e) {
            ledger.violate(name + ": " + e);
            ended.countDown();
        }
    }

    private BlockingQueue<String> answers(String word) {
        return answers.computeIfAbsent(word, each -> new LinkedBlockingQueue<>());
    }

    /** Waits for a word, and returns what follows it. */
    String await(String word, Duration limit) throws InterruptedException, TimeoutException, IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            boolean over = hasEnded();
            String answer = answers(word).poll(over ? 0 : 100, TimeUnit.MILLISECONDS);
            if (answer != null) {
                return answer;
            }
            if (over) {
                throw new EOFException("the " + name + " has ended before it said " + word + "; see its log");
            }
        }
        throw new TimeoutException("the " + name + " has not said " + word + " for " + limit.toSeconds() + " s");
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    void awaitEnd(Duration limit) throws InterruptedException, TimeoutException {
        if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("the " + name + " has not ended");
        }
    }

    /** Ends it at once. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
