package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** JSON that must fit a type. */
class JsonRecordFuzzTest extends DecoderFuzz<JsonRecordFuzzTest.Order> {
    record Order(long id, String customer, double price, List<Item> items, Map<String, Integer> notes) {}

    record Item(String name, int count, boolean fragile) {}

    JsonRecordFuzzTest() {
        super(JsonCodec.of(Order.class));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
