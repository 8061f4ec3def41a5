package io.h2conn.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Bytes without boundaries: only together are they the same, however they are cut. */
class ChunksFuzzTest extends DecoderFuzz<byte[]> {
    ChunksFuzzTest() {
        super(new RawCodec(Framing.none()));
    }

    @FuzzTest
    void messagesAndTypedErrorsWhateverComes(byte[] input) throws IOException {
        decode(input);
    }

    @Override
    void requireSame(List<Outcome> whole, List<Outcome> cut) {
        assertThat(together(cut)).isEqualTo(together(whole));
    }

    private static byte[] together(List<Outcome> chunks) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Outcome chunk : chunks) {
            assertThat(chunk.error()).isEmpty();
            bytes.write(
                    chunk.encoded().array(),
                    chunk.encoded().position(),
                    chunk.encoded().remaining());
        }
        return bytes.toByteArray();
    }
}
