package io.h2conn.benchmarks.peer;

import io.grpc.Drainable;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The methods of the gRPC service: bytes as they are, without generated code. */
final class GrpcMethods {
    static final String SERVICE = "benchmark";

    private static final Marshaller<byte[]> ARRAY = new ArrayMarshaller();
    private static final Marshaller<ByteBuffer> BUFFER = new BufferMarshaller();

    static final MethodDescriptor<byte[], byte[]> ECHO = method(Service.ECHO, ARRAY, ARRAY);
    static final MethodDescriptor<ByteBuffer, ByteBuffer> SINK = method(Service.SINK, BUFFER, BUFFER);
    static final MethodDescriptor<ByteBuffer, ByteBuffer> SOURCE = method(Service.SOURCE, BUFFER, BUFFER);
    static final MethodDescriptor<byte[], ByteBuffer> MESSAGES = method(Service.MESSAGES, ARRAY, BUFFER);
    static final MethodDescriptor<byte[], byte[]> FEED = method(Service.FEED, ARRAY, ARRAY);

    private GrpcMethods() {}

    private static <Q, A> MethodDescriptor<Q, A> method(
            Service service, Marshaller<Q> requests, Marshaller<A> responses) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(MethodType.BIDI_STREAMING)
                .setFullMethodName(SERVICE + service.path())
                .setRequestMarshaller(requests)
                .setResponseMarshaller(responses)
                .build();
    }

    private static byte[] read(InputStream stream) {
        try {
            // What is available is the whole message. InputStream.readAllBytes() would not know, and read it in pieces.
            byte[] message = new byte[stream.available()];
            stream.readNBytes(message, 0, message.length);
            return message;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class ArrayMarshaller implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new Bytes(value, 0, value.length);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return read(stream);
        }
    }

    /** Of buffers with an array: for pieces of {@link Pattern}, which are sent from where they are. */
    private static final class BufferMarshaller implements Marshaller<ByteBuffer> {
        @Override
        public InputStream stream(ByteBuffer value) {
            return new Bytes(value.array(), value.arrayOffset() + value.position(), value.remaining());
        }

        @Override
        public ByteBuffer parse(InputStream stream) {
            return ByteBuffer.wrap(read(stream));
        }
    }

    /** Drains itself, because gRPC would allocate a buffer of some KiB for each message to copy any other stream. */
    private static final class Bytes extends ByteArrayInputStream implements Drainable {
        Bytes(byte[] array, int offset, int length) {
            super(array, offset, length);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }
}
