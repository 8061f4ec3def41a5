package io.h2conn.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Compression by the JDK's zlib, each message on its own. */
enum Deflate implements Transformation {
    INSTANCE;

    /** Objects. A deflater has some 300 KiB of native memory, an inflater some 50 KiB, and making one takes a while. */
    private static final int SPARES = 8;

    private static final Spares<Deflater> DEFLATERS =
            new Spares<>(SPARES, Deflater::new, Deflater::reset, Deflater::end);
    private static final Spares<Inflater> INFLATERS =
            new Spares<>(SPARES, Inflater::new, Inflater::reset, Inflater::end);

    @Override
    public void apply(ByteBuffer message, MessageOutput output) throws IOException {
        Deflater deflater = DEFLATERS.take();
        byte[] piece = BufferCache.take(1);
        try {
            deflater.setInput(message.array(), message.arrayOffset() + message.position(), message.remaining());
            deflater.finish();
            while (!deflater.finished()) {
                output.write(piece, 0, deflater.deflate(piece));
            }
        } finally {
            BufferCache.give(piece);
            DEFLATERS.give(deflater);
        }
    }

    @Override
    public void undo(ByteBuffer message, MessageOutput output) throws IOException {
        Inflater inflater = INFLATERS.take();
        byte[] piece = BufferCache.take(1);
        try {
            inflater.setInput(message.array(), message.arrayOffset() + message.position(), message.remaining());
            inflate(inflater, piece, output);
            if (inflater.getRemaining() > 0) {
                throw new CodecException(
                        inflater.getRemaining() + " bytes follow the end of the compressed message", null);
            }
        } catch (DataFormatException e) {
            throw new CodecException("it is not a message compressed by zlib: " + Inbox.reason(e), e);
        } finally {
            BufferCache.give(piece);
            INFLATERS.give(inflater);
        }
    }

    private static void inflate(Inflater inflater, byte[] piece, MessageOutput output)
            throws IOException, DataFormatException {
        while (!inflater.finished()) {
            int count = inflater.inflate(piece);
            output.write(piece, 0, count);
            if (inflater.needsDictionary()) {
                throw new CodecException("it is compressed with a preset dictionary; send it without one", null);
            }
            if (count == 0 && !inflater.finished()) {
                throw new CodecException("the compressed message is cut off: its end is missing", null);
            }
        }
    }

    /** Nine bits for each byte, and what begins and ends blocks: how bad the simplest of compressors can be. */
    @Override
    public int maxBytes(int bytes) {
        long worst = bytes + ((bytes + 7L) >> 3) + ((bytes + 63L) >> 6) + 11;
        return (int) Math.min(Integer.MAX_VALUE, worst);
    }

    @Override
    public String toString() {
        return "Transformation.deflate()";
    }
}
