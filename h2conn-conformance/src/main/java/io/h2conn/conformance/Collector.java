package io.h2conn.conformance;

import io.h2conn.DataListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A listener that keeps what it hears. */
final class Collector implements DataListener {
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    @Override
    public @Nullable CompletionStage<?> onData(ByteBuffer data) {
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        heard.writeBytes(piece);
        return null;
    }

    int size() {
        return heard.size();
    }

    byte[] bytes() {
        return heard.toByteArray();
    }

    String text() {
        return heard.toString(StandardCharsets.UTF_8);
    }
}
