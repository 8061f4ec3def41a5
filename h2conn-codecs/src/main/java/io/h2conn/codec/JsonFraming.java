package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * Finds JSON values that are separated by white space or by nothing at all: {@code {"a":1}[2] "three" 4}.
 *
 * <p>Only the boundaries are looked for, which takes strings and nesting; whether a value is correct is the parser's
 * business. All bytes that matter are ASCII, and UTF-8 has none of these inside other characters, so nothing is decoded.
 */
@SuppressWarnings("ByteBufferBackingArray") // what a scanner gets begins at index 0 of its array
enum JsonFraming implements Framing {
    INSTANCE;

    private static final String[] LITERALS = {"true", "false", "null"};

    // What a byte means outside strings.
    private static final byte OTHER = 0;
    private static final byte WHITE_SPACE = 1;
    private static final byte QUOTE = 2;
    private static final byte OPEN = 3;
    private static final byte CLOSE = 4;
    private static final byte SEPARATOR = 5;

    private static final byte[] MEANING = new byte[256];

    static {
        " \t\r\n".chars().forEach(c -> MEANING[c] = WHITE_SPACE);
        MEANING['"'] = QUOTE;
        MEANING['{'] = OPEN;
        MEANING['['] = OPEN;
        MEANING['}'] = CLOSE;
        MEANING[']'] = CLOSE;
        MEANING[','] = SEPARATOR;
        MEANING[':'] = SEPARATOR;
    }

    private enum State {
        BETWEEN,
        /** In a number, {@code true}, {@code false} or {@code null}: ends only where something else begins. */
        SCALAR,
        CONTAINER,
        STRING,
        /** After a backslash in a string. */
        ESCAPE
    }

    /** {@inheritDoc} A blank line. */
    @Override
    public byte[] keepAlive() {
        return new byte[] {'\n'};
    }

    @Override
    public void frame(MessageOutput output) {
        output.append('\n');
    }

    @Override
    public Scanner scanner(int maxMessageBytes) {
        return new JsonScanner();
    }

    private static final class JsonScanner implements Scanner {
        private State state = State.BETWEEN;
        /** How many arrays and objects are open; a string ends the value only at depth 0. */
        private int depth;

        @Override
        public boolean begin(ByteBuffer input) {
            byte[] bytes = input.array();
            int index = input.position();
            int to = input.limit();
            while (index < to && MEANING[bytes[index] & 0xFF] == WHITE_SPACE) {
                index++;
            }
            input.position(index);
            state = State.BETWEEN;
            depth = 0;
            return index < to;
        }

        @Override
        public boolean end(ByteBuffer input) {
            byte[] bytes = input.array();
            int index = input.position();
            int to = input.limit();
            while (index < to) {
                switch (state) {
                    case BETWEEN -> {
                        if (!beginsWith(bytes[index++])) {
                            return ended(input, index);
                        }
                    }
                    case SCALAR -> {
                        if (MEANING[bytes[index] & 0xFF] != OTHER) {
                            return ended(input, index);
                        }
                        index++;
                    }
                    case CONTAINER -> {
                        index = throughContainer(bytes, index, to);
                        if (depth == 0) {
                            return ended(input, index);
                        }
                    }
                    case STRING -> {
                        index = throughString(bytes, index, to);
                        if (state == State.BETWEEN) {
                            return ended(input, index);
                        }
                    }
                    case ESCAPE -> {
                        index++;
                        state = State.STRING;
                    }
                }
            }
            input.position(index);
            return false;
        }

        private boolean ended(ByteBuffer input, int index) {
            state = State.BETWEEN;
            input.position(index);
            return true;
        }

        /** Returns false for a byte that cannot begin a value: the parser gets it alone, and says what is wrong. */
        private boolean beginsWith(byte first) {
            switch (MEANING[first & 0xFF]) {
                case QUOTE -> state = State.STRING;
                case OPEN -> {
                    depth = 1;
                    state = State.CONTAINER;
                }
                case CLOSE, SEPARATOR -> {
                    return false;
                }
                default -> state = State.SCALAR;
            }
            return true;
        }

        /** Goes on to the next string, or to the end of the value: then the depth is 0. */
        private int throughContainer(byte[] bytes, int from, int to) {
            int open = depth;
            int index = from;
            while (index < to) {
                switch (MEANING[bytes[index++] & 0xFF]) {
                    case OPEN -> open++;
                    case CLOSE -> open--;
                    case QUOTE -> {
                        state = State.STRING;
                        depth = open;
                        return index;
                    }
                    default -> {
                        continue;
                    }
                }
                if (open == 0) {
                    break;
                }
            }
            depth = open;
            return index;
        }

        private int throughString(byte[] bytes, int from, int to) {
            int index = Bytes.indexOfEither((byte) '"', (byte) '\\', bytes, from, to);
            if (index == to) {
                return to;
            }
            if (bytes[index] == '\\') {
                state = State.ESCAPE;
            } else {
                state = depth == 0 ? State.BETWEEN : State.CONTAINER;
            }
            return index + 1;
        }

        /** The end of the input ends a number or a literal, as in Go's decoder, but not one that was cut in two. */
        @Override
        public boolean endsHere(ByteBuffer message) {
            int length = message.remaining();
            if (state != State.SCALAR || length == 0) {
                return state == State.SCALAR;
            }
            int from = message.position();
            String text = new String(message.array(), from, Math.min(length, "false".length()), US_ASCII);
            for (String literal : LITERALS) {
                if (literal.length() > text.length() && literal.startsWith(text)) {
                    return false;
                }
            }
            return "-+.eE".indexOf(message.get(message.limit() - 1)) < 0 || !isNumber(message.get(from));
        }

        private static boolean isNumber(byte first) {
            return first == '-' || (first >= '0' && first <= '9');
        }
    }
}
