package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Finds JSON values that are separated by white space or by nothing at all: {@code {"a":1}[2] "three" 4}.
 *
 * <p>Only the boundaries are looked for, which takes strings and nesting; whether a value is correct is the parser's
 * business. All bytes that matter are ASCII, and UTF-8 has none of these inside other characters, so nothing is decoded.
 */
final class JsonFraming implements Framing {
    private static final String[] LITERALS = {"true", "false", "null"};

    private enum State {
        BETWEEN,
        /** In a number, {@code true}, {@code false} or {@code null}: ends only where something else begins. */
        SCALAR,
        CONTAINER,
        STRING,
        /** After a backslash in a string. */
        ESCAPE
    }

    private State state = State.BETWEEN;
    /** How many arrays and objects are open; a string ends the value only at depth 0. */
    private int depth;

    @Override
    public int skipSeparators(byte[] buffer, int from, int to) {
        int index = from;
        while (index < to && isWhiteSpace(buffer[index])) {
            index++;
        }
        return index;
    }

    @Override
    public int findEnd(byte[] buffer, int from, int to) {
        for (int index = from; index < to; index++) {
            byte next = buffer[index];
            switch (state) {
                case BETWEEN -> {
                    if (!begin(next)) {
                        return index + 1;
                    }
                }
                case SCALAR -> {
                    if (isWhiteSpace(next) || isPunctuation(next)) {
                        state = State.BETWEEN;
                        return index;
                    }
                }
                case CONTAINER -> {
                    if (next == '"') {
                        state = State.STRING;
                    } else if (next == '{' || next == '[') {
                        depth++;
                    } else if ((next == '}' || next == ']') && --depth == 0) {
                        state = State.BETWEEN;
                        return index + 1;
                    }
                }
                case STRING -> {
                    if (next == '\\') {
                        state = State.ESCAPE;
                    } else if (next == '"') {
                        state = depth == 0 ? State.BETWEEN : State.CONTAINER;
                        if (depth == 0) {
                            return index + 1;
                        }
                    }
                }
                case ESCAPE -> state = State.STRING;
            }
        }
        return -1;
    }

    /** Returns false for a byte that cannot begin a value: it is handed to the parser alone, which says what is wrong. */
    private boolean begin(byte first) {
        switch (first) {
            case '"' -> state = State.STRING;
            case '{', '[' -> {
                depth = 1;
                state = State.CONTAINER;
            }
            case '}', ']', ',', ':' -> {
                return false;
            }
            default -> state = State.SCALAR;
        }
        return true;
    }

    /** The end of the input ends a number or a literal, as in Go's decoder, but not one that was cut in two. */
    @Override
    public boolean isCompleteAtEnd(byte[] buffer, int from, int to) {
        if (state != State.SCALAR || from == to) {
            return state == State.SCALAR;
        }
        String text = new String(buffer, from, Math.min(to - from, "false".length()), US_ASCII);
        for (String literal : LITERALS) {
            if (literal.length() > text.length() && literal.startsWith(text)) {
                return false;
            }
        }
        return "-+.eE".indexOf(buffer[to - 1]) < 0 || !isNumber(buffer[from]);
    }

    private static boolean isNumber(byte first) {
        return first == '-' || (first >= '0' && first <= '9');
    }

    private static boolean isWhiteSpace(byte next) {
        return next == ' ' || next == '\n' || next == '\r' || next == '\t';
    }

    private static boolean isPunctuation(byte next) {
        return next == '"' || next == '{' || next == '}' || next == '[' || next == ']' || next == ',' || next == ':';
    }
}
