package io.h2conn.benchmarks;

import io.grpc.Server;
import io.h2conn.server.DuplexServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Messages of 64 bytes one way over h2c, verified on arrival: our codecs beside grpc-java, clients and servers in separate
 * processes, by turns.
 */
public final class MessageRun {
    private MessageRun() {}

    /**
     * Runs and prints a table.
     *
     * @param args the number of rounds, and the milliseconds of a slice
     * @throws Exception if something goes wrong
     */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 11;
        long nanos = TimeUnit.MILLISECONDS.toNanos(args.length > 1 ? Long.parseLong(args[1]) : 1000);
        try (ServerProcess servers = ServerProcess.launch(Servers.class)) {
            int grpcPort = servers.readPort();
            int h2connPort = servers.readPort();
            List<MessagePeer> peers = List.of(
                    new GrpcMessages(grpcPort), H2connMessages.fixed(h2connPort), H2connMessages.prefixed(h2connPort));
            try {
                Rounds table = new Rounds();
                peers.forEach(peer -> table.add(peer.name(), () -> measure(peer, servers, nanos)));
                table.run(rounds).print("64-byte messages, one stream, h2c");
            } finally {
                peers.forEach(MessagePeer::close);
            }
        }
    }

    private static Rounds.Slice measure(MessagePeer peer, ServerProcess servers, long nanos) throws Exception {
        Duration cpu = servers.cpu();
        long start = System.nanoTime();
        long sent = peer.send(nanos);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Rounds.Slice(
                sent / seconds, (double) servers.cpu().minus(cpu).toNanos() / sent);
    }

    static long checked(long sent, long received) {
        if (sent != received) {
            throw new AssertionError(sent + " messages were sent, " + received + " arrived");
        }
        return sent;
    }

    /** The servers of all peers. */
    static final class Servers {
        private Servers() {}

        /**
         * Prints the ports and serves until its input ends.
         *
         * @param args none
         * @throws Exception if a server cannot start
         */
        public static void main(String[] args) throws Exception {
            Server grpc = GrpcMessages.server();
            try (DuplexServer h2conn = H2connMessages.server()) {
                System.out.println(grpc.getPort());
                System.out.println(h2conn.uri().getPort());
                while (System.in.read() >= 0) {}
            } finally {
                grpc.shutdownNow();
            }
        }
    }
}
