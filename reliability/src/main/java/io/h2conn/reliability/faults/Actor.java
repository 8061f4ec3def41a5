package io.h2conn.reliability.faults;

import io.h2conn.benchmarks.run.ChildProcess;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of the two processes, and what it has said. */
final class Actor implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final ChildProcess process;
    private final Map<String, BlockingQueue<String>> answers = new ConcurrentHashMap<>();
    private final List<Saw> saws = new ArrayList<>();
    private final long pid;
    private final String facts;
    private boolean killed;

    /** Waits until it is ready. */
    Actor(String name, ChildProcess process) throws InterruptedException, TimeoutException {
        this.name = name;
        this.process = process;
        Thread thread = new Thread(this::listen, "fault-" + name);
        thread.setDaemon(true);
        thread.start();
        try {
            String[] words = await("ready").split(" ", 2);
            pid = Long.parseLong(words[0]);
            facts = words.length > 1 ? words[1] : "";
        } catch (InterruptedException | TimeoutException e) {
            process.kill();
            throw e;
        }
    }

    private void listen() {
        try {
            while (true) {
                String[] words = process.readLine(Duration.ofDays(1)).split(" ", 2);
                if (words[0].equals("saw")) {
                    add(Saw.parse(words[1]));
                } else {
                    answers(words[0]).add(words[1]);
                }
            }
        } catch (EOFException e) {
            return; // it has ended
        } catch (IOException e) {
            throw new AssertionError("a pipe broke", e);
        }
    }

    private BlockingQueue<String> answers(String word) {
        return answers.computeIfAbsent(word, each -> new LinkedBlockingQueue<>());
    }

    private void add(Saw saw) {
        synchronized (saws) {
            saws.add(saw);
            saws.notifyAll();
        }
    }

    private String await(String word) throws InterruptedException, TimeoutException {
        String answer = answers(word).poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (answer == null) {
            throw new TimeoutException("the " + name + " has not said " + word + "; its log may tell why");
        }
        return answer;
    }

    /** Tells it to do something, and waits for the answer. */
    String ask(String line, String answer) throws InterruptedException, TimeoutException {
        process.writeLine(line);
        return await(answer);
    }

    Left measure() throws InterruptedException, TimeoutException {
        return Left.parse(ask("measure", "left"));
    }

    long received() throws InterruptedException, TimeoutException {
        return Long.parseLong(ask("received", "received"));
    }

    /** What it said about its port. */
    String facts() {
        return facts;
    }

    /** Waits until it has seen so many ends of connections and of calls, for a time, and returns all that it saw. */
    List<Saw> awaitAll(int count, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (saws) {
            while (saws.size() < count) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                saws.wait(left);
            }
            return List.copyOf(saws);
        }
    }

    /** Waits while it sees nothing, and returns what it saw nevertheless. */
    List<Saw> awaitAny(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (saws) {
            while (saws.isEmpty()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                saws.wait(left);
            }
            return List.copyOf(saws);
        }
    }

    /**
     * Sends a signal.
     *
     * @param signal as {@code kill} knows it
     */
    void signal(String signal) throws IOException, InterruptedException {
        killed |= signal.equals("KILL");
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + signal + " failed for the " + name);
        }
    }

    boolean isKilled() {
        return killed;
    }

    @Override
    public void close() {
        // By its handle, which leaves alone the pipe that its output is being read from.
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        process.close();
    }
}
