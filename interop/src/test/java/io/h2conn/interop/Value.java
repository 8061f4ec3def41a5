package io.h2conn.interop;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message with all that JSON can carry and that two languages can understand differently. Which one has which number is
 * agreed with the Go side: see {@code value.go}, which must stay the same.
 */
@SuppressWarnings("ArrayRecordComponent") // what Go's []byte corresponds to; compared field by field
record Value(
        int number,
        String text,
        long signed,
        BigInteger unsigned,
        double real,
        BigDecimal exact,
        OffsetDateTime time,
        byte[] data,
        List<Item> items,
        Map<String, Integer> counts,
        @Nullable String nothing,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String maybe) {

    record Item(String name, @Nullable Item inner) {
        /** An item with so many others inside. */
        static Item of(int depth) {
            return new Item("level " + depth, depth == 0 ? null : of(depth - 1));
        }
    }

    private static final List<String> TEXTS = List.of(
            "",
            "plain",
            "\ud83d\ude00",
            "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
            "\u2028\u2029",
            "<script>&amp;</script>",
            "\"\\/\b\f\n\r\t",
            "\0\u001f\u007f\u0080",
            "\u00e4\u00f6\u00fc \u20ac \u4e2d\u6587",
            "\udbff\udfff\ufffd\ufeff",
            "}]\"{[,:");
    private static final long[] SIGNEDS = {0, Long.MAX_VALUE, Long.MIN_VALUE, -1, (1L << 53) + 1, Integer.MIN_VALUE};
    private static final long[] UNSIGNEDS = {-1, 0, 1L << 63, (1L << 53) + 1};
    private static final double[] REALS = {
        1e308,
        -1e308,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        Double.MIN_VALUE,
        2.2250738585072014e-308,
        0,
        0.1,
        1e21,
        1e-7,
        123456789012345680.0
    };
    private static final List<String> EXACTS = List.of(
            "0.1",
            "-0.000001",
            "100",
            "1.50",
            "99999999999999999999",
            "123456789012345678901234567890.123456789012345678901234567890");

    static Value of(int seed, int number) {
        boolean odd = number % 2 == 1;
        return new Value(
                number,
                TEXTS.get(number % TEXTS.size()) + (number < TEXTS.size() ? "" : " " + number),
                number < SIGNEDS.length ? SIGNEDS[number] : bits(seed, number, 1),
                unsigned(number < UNSIGNEDS.length ? UNSIGNEDS[number] : bits(seed, number, 2)),
                number < REALS.length ? REALS[number] : real(seed, number),
                new BigDecimal(number < EXACTS.size() ? EXACTS.get(number) : exact(seed, number)),
                time(seed, number),
                data(seed, number),
                items(number),
                odd ? Map.of("a<b>", number, "\u00e9\ud83d\ude00", -number) : Map.of(),
                odd ? "something" : null,
                number % 3 == 0 ? null : "maybe\u2028");
    }

    /** The same random number for the same arguments, on both sides: two steps of splitmix64. */
    private static long bits(int seed, int number, int field) {
        return mix(mix(((long) seed << 32) + number) + field);
    }

    private static long mix(long from) {
        long x = from + 0x9e3779b97f4a7c15L;
        x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        return x ^ x >>> 31;
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private static double real(int seed, int number) {
        double real = Double.longBitsToDouble(bits(seed, number, 3));
        return Double.isFinite(real) ? real : number / 3.0;
    }

    private static String exact(int seed, int number) {
        long fraction = Long.remainderUnsigned(bits(seed, number, 5), 1_000_000_000);
        return String.format(Locale.ROOT, "%d.%09d", bits(seed, number, 4), fraction);
    }

    private static OffsetDateTime time(int seed, int number) {
        long seconds = Long.remainderUnsigned(bits(seed, number, 6), 8_000_000_000L) - 4_000_000_000L;
        long nanos = number % 3 == 0 ? 0 : Long.remainderUnsigned(bits(seed, number, 7), 1_000_000_000);
        long minutes = number % 5 == 0 ? 0 : Long.remainderUnsigned(bits(seed, number, 8), 1681) - 840;
        return Instant.ofEpochSecond(seconds, nanos).atOffset(ZoneOffset.ofTotalSeconds((int) minutes * 60));
    }

    private static byte[] data(int seed, int number) {
        byte[] data = new byte[number % 20];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) bits(seed, number, 100 + i);
        }
        return data;
    }

    private static List<Item> items(int number) {
        List<Item> items = new ArrayList<>();
        while (items.size() < number % 4) {
            items.add(Item.of(number % 7));
        }
        return items;
    }
}
