package io.h2conn.reliability;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** What both children do when they are told to. */
final class Obedience {
    private Obedience() {}

    /**
     * Takes a sample for each line that asks for one, until the input ends or there is another word.
     *
     * @param start what samples count their time from
     */
    static void run(BufferedReader input, Surroundings surroundings, long start) throws IOException {
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            switch (line) {
                case "sample", "collect" -> {
                    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                    int open = surroundings.open().get();
                    surroundings.say(
                            "sample",
                            Sample.take(millis, open, line.equals("collect")).format());
                }
                default -> {
                    return;
                }
            }
        }
    }
}
