package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Locale;

/** Lines of text in UTF-8. The JDK's own conversions replace what is malformed; here it is an error. */
enum LineCodec implements Codec<String> {
    INSTANCE;

    /** What the JDK makes of malformed UTF-8. It may also stand in a text. */
    private static final char REPLACEMENT = '\uFFFD';
    /** What the JDK makes of half a surrogate pair. It stands in many a text. */
    private static final byte ENCODED_REPLACEMENT = '?';

    @Override
    public void encode(String line, MessageOutput output) throws CodecException {
        int ascii = output.writeAscii(line);
        if (ascii < line.length()) {
            byte[] rest = line.substring(ascii).getBytes(UTF_8);
            if (Bytes.indexOf(ENCODED_REPLACEMENT, rest, 0, rest.length) >= 0) {
                checkSurrogates(line, ascii);
            }
            output.write(rest);
        }
    }

    private static void checkSurrogates(String line, int from) throws CodecException {
        for (int index = from; index < line.length(); ) {
            int character = line.codePointAt(index);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw new CodecException(
                        "U+" + Integer.toHexString(character).toUpperCase(Locale.ROOT) + " at index " + index
                                + " of the line is half of a surrogate pair, which UTF-8 cannot express",
                        null);
            }
            index += Character.charCount(character);
        }
    }

    @Override
    public String decode(ByteBuffer line) throws CodecException {
        String text = new String(line.array(), line.arrayOffset() + line.position(), line.remaining(), UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            checkUtf8(line);
        }
        return text;
    }

    private static void checkUtf8(ByteBuffer line) throws CodecException {
        int start = line.position();
        // Reports what is malformed, unless told otherwise.
        CharsetDecoder decoder = UTF_8.newDecoder();
        CoderResult result = decoder.decode(line, CharBuffer.allocate(line.remaining()), true);
        if (result.isError()) {
            try {
                result.throwException();
            } catch (CharacterCodingException e) {
                throw new CodecException("malformed UTF-8 at byte " + (line.position() - start) + " of the line", e);
            }
        }
    }

    @Override
    public Framing framing() {
        return Framing.lines();
    }

    @Override
    public String toString() {
        return "Codecs.lines()";
    }
}
