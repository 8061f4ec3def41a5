package io.h2conn.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A message as applications send it: strings, numbers, a list and a nested record.
 *
 * @param id a number
 * @param customer a nested record
 * @param note free text
 * @param items a list
 */
public record Order(long id, Customer customer, String note, List<Item> items) {
    /**
     * Who orders.
     *
     * @param name a name
     * @param city a place
     */
    public record Customer(String name, String city) {}

    /**
     * What is ordered.
     *
     * @param sku which article
     * @param count how many
     * @param price for each
     */
    public record Item(String sku, int count, double price) {}

    /** About how large an order is as JSON. */
    public enum Size {
        /** 100 bytes. */
        SMALL(1, 0),
        /** 1 KiB. */
        MEDIUM(22, 50),
        /** 100 KiB. */
        LARGE(2_400, 200);

        private final int items;
        private final int noteLength;

        Size(int items, int noteLength) {
            this.items = items;
            this.noteLength = noteLength;
        }
    }

    /**
     * Makes up an order.
     *
     * @param size how large
     * @param random where its content comes from
     * @return the order
     */
    public static Order random(Size size, SplittableRandom random) {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < size.items; i++) {
            items.add(new Item("A" + random.nextInt(1000), random.nextInt(1, 100), random.nextInt(100_000) / 100.0));
        }
        return new Order(
                random.nextLong(1L << 20), new Customer("Ann Ö.", "Ulm"), text(size.noteLength, random), items);
    }

    private static String text(int length, SplittableRandom random) {
        StringBuilder text = new StringBuilder(length);
        random.ints(length, 'a', 'z' + 1).forEach(c -> text.append((char) c));
        return text.toString();
    }
}
