package io.h2conn.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Lines. */
class LinesFuzzTest extends DecoderFuzz<byte[]> {
    LinesFuzzTest() {
        super(new RawCodec(Framing.lines()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }
}
