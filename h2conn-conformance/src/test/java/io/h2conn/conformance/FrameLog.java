package io.h2conn.conformance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Writes down the HTTP/2 frames (RFC 9113, section 4.1) that pass a {@link TcpRelay} without TLS. */
final class FrameLog implements TcpRelay.Tap {
    static final int DATA = 0x0;
    static final int RST_STREAM = 0x3;
    static final int GOAWAY = 0x7;

    private static final int END_STREAM = 0x1;
    private static final int PREFACE_BYTES = 24;
    private static final int HEADER_BYTES = 9;

    private final List<Frame> frames = new ArrayList<>();
    private final Parser fromClient = new Parser(true, PREFACE_BYTES);
    private final Parser fromServer = new Parser(false, 0);

    /** One frame, with the first four bytes of its payload as a number, or 0 if it has fewer. */
    record Frame(boolean fromClient, int type, int flags, int stream, int length, int firstWord) {
        boolean endsStream() {
            return type <= 1 && (flags & END_STREAM) != 0;
        }

        /** What a RST_STREAM says. */
        int errorCode() {
            return firstWord;
        }

        @Override
        public String toString() {
            return (fromClient ? "client" : "server") + " type " + type + " flags " + flags + " stream " + stream
                    + " length " + length;
        }
    }

    @Override
    public void pass(boolean client, byte[] bytes, int length) {
        (client ? fromClient : fromServer).take(bytes, length);
    }

    List<Frame> all() {
        synchronized (frames) {
            return new ArrayList<>(frames);
        }
    }

    List<Frame> where(Predicate<Frame> condition) {
        return all().stream().filter(condition).toList();
    }

    List<Frame> ofType(int type) {
        return where(frame -> frame.type() == type);
    }

    private final class Parser {
        private final boolean client;
        private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
        private int toSkip;

        Parser(boolean client, int preface) {
            this.client = client;
            this.toSkip = preface;
        }

        void take(byte[] bytes, int length) {
            int at = 0;
            while (at < length) {
                if (toSkip > 0) {
                    int skipped = Math.min(toSkip, length - at);
                    toSkip -= skipped;
                    at += skipped;
                } else {
                    begun.write(bytes[at++]);
                    if (begun.size() >= HEADER_BYTES) {
                        look(ByteBuffer.wrap(begun.toByteArray()));
                    }
                }
            }
        }

        /** Writes the frame down once its first word is there; the rest of it is skipped. */
        private void look(ByteBuffer frame) {
            int length = frame.getInt(0) >>> 8;
            int wanted = Math.min(length, Integer.BYTES);
            if (frame.limit() < HEADER_BYTES + wanted) {
                return;
            }
            begun.reset();
            toSkip = length - wanted;
            int firstWord = wanted < Integer.BYTES ? 0 : frame.getInt(HEADER_BYTES);
            int stream = frame.getInt(5) & Integer.MAX_VALUE;
            synchronized (frames) {
                frames.add(new Frame(client, frame.get(3), frame.get(4), stream, length, firstWord));
            }
        }
    }
}
