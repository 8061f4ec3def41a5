package io.h2conn.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.DuplexConnection;
import io.h2conn.codec.Codec;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Values in both directions. Each side knows what the other has to send, computes it again, and compares. */
final class ValueExchange {
    /** Keeps the offset of a time, which Jackson otherwise changes to that of the mapper. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .build();

    private static final JsonMapper INDENTING =
            MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final Codec<Value> CODEC = JsonCodec.of(Value.class, MAPPER);
    private static final int WRITTEN_BYTE_BY_BYTE = 3;

    /** How values are written; the Go program knows the same names. */
    enum Style {
        /** Each with one write. */
        LINES(10_000),
        /** Each in many lines; Go does not escape {@code <>&} then. */
        INDENTED(2_000),
        /** Many with one write. */
        TOGETHER(10_000),
        /** With nothing between them. */
        JOINED(2_000),
        /** The first ones byte by byte. */
        BYTES(2_000);

        private final int count;

        Style(int count) {
            this.count = count;
        }

        /** How many values go each way. */
        int count() {
            return count;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private ValueExchange() {}

    /**
     * Sends values, ends the output, and verifies those it receives, both at the same time.
     *
     * @return how many were received, all of them right
     */
    static int exchange(DuplexConnection connection, Style style, int ownSeed, int peerSeed) throws Exception {
        Codec<Value> outgoing = style == Style.INDENTED ? JsonCodec.of(Value.class, INDENTING) : CODEC;
        MessageConnection<Value, Value> messages = MessageConnection.of(connection, CODEC, outgoing);
        Callable<Integer> send = () -> send(messages, style, ownSeed);
        FutureTask<Integer> sent = new FutureTask<>(send);
        Thread sender = new Thread(sent, "sender of " + connection.id());
        sender.setDaemon(true);
        sender.start();
        int received = verify(messages, peerSeed);
        assertThat(sent.get()).isEqualTo(style.count());
        return received;
    }

    private static int send(MessageConnection<Value, Value> messages, Style style, int seed) throws IOException {
        if (style == Style.TOGETHER) {
            messages.sendAll(() -> IntStream.range(0, style.count())
                    .mapToObj(number -> Value.of(seed, number))
                    .iterator());
        } else {
            for (int number = 0; number < style.count(); number++) {
                Value value = Value.of(seed, number);
                if (style == Style.JOINED) {
                    messages.connection().write(ByteBuffer.wrap(MAPPER.writeValueAsBytes(value)));
                } else if (style == Style.BYTES && number < WRITTEN_BYTE_BY_BYTE) {
                    for (byte b : MAPPER.writeValueAsBytes(value)) {
                        messages.connection().write(ByteBuffer.wrap(new byte[] {b}));
                    }
                } else {
                    messages.send(value);
                }
            }
        }
        messages.closeOutput();
        return style.count();
    }

    private static int verify(MessageConnection<Value, Value> messages, int seed) {
        int number = 0;
        for (Value value : messages) {
            assertThat(value).usingRecursiveComparison().isEqualTo(Value.of(seed, number));
            number++;
        }
        return number;
    }
}
