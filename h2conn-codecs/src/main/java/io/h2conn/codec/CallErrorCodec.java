package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;

/** Why a call was not answered: a code in one byte, and a text in UTF-8, cut off where it becomes too long. */
enum CallErrorCodec implements Codec<CallException> {
    INSTANCE;

    /** Bytes. A text is for people; what they need is at its beginning. */
    private static final int MAX_TEXT_BYTES = 1024;

    @Override
    public void encode(CallException error, MessageOutput output) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MAX_TEXT_BYTES);
        // Stops between two characters where the text is too long.
        UTF_8.newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(CharBuffer.wrap(error.text()), text, true);
        output.write(error.reason().code());
        output.write(text.flip());
    }

    @Override
    public CallException decode(ByteBuffer error) throws IOException {
        if (!error.hasRemaining()) {
            throw new CodecException("an error without a code", null);
        }
        CallException.Reason reason = CallException.Reason.of(error.get());
        int length = Math.min(error.remaining(), MAX_TEXT_BYTES);
        return new CallException(
                reason, UTF_8.decode(error.slice().limit(length)).toString());
    }

    @Override
    public int maxMessageBytes() {
        return 1 + MAX_TEXT_BYTES;
    }
}
