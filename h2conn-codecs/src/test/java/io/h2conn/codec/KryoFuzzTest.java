package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Kryo: lengths and class ids wherever the bytes say so. */
class KryoFuzzTest extends DecoderFuzz<KryoFuzzTest.Order> {
    static final class Order {
        long id;
        String customer = "";
        List<Item> items = new ArrayList<>();
        Map<String, Integer> notes = new HashMap<>();
        int[] counts = {};
    }

    static final class Item {
        String name = "";
        double price;
    }

    KryoFuzzTest() {
        super(KryoCodec.of(Order.class, Item.class, ArrayList.class, HashMap.class, int[].class));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
