package io.h2conn.benchmarks.peer;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The calls that receive what is broadcast. */
final class GrpcFeed {
    private final Set<ServerCall<byte[], byte[]>> calls = ConcurrentHashMap.newKeySet();

    ServerCall.Listener<byte[]> add(ServerCall<byte[], byte[]> call) {
        calls.add(call);
        call.sendHeaders(new Metadata());
        // Without it not even the end of a call would be noticed.
        call.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
                calls.remove(call);
                call.close(Status.OK, new Metadata());
            }

            @Override
            public void onCancel() {
                calls.remove(call);
            }
        };
    }

    int receivers() {
        return calls.size();
    }

    /** Sends to all. A call is not for several threads: nobody but the caller sends. */
    void broadcast(byte[] message) {
        calls.forEach(call -> call.sendMessage(message));
    }
}
