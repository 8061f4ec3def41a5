package io.h2conn.benchmarks.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/** What clients do on a {@link Link} in threads that wait; {@link PeerClient} says what that is. */
final class LinkWorkloads {
    private LinkWorkloads() {}

    /** Makes links to one service of a server. */
    @FunctionalInterface
    interface Connector {
        Link connect() throws IOException;
    }

    /** W1, in a thread for each link. */
    static Outcome pingPong(List<? extends Link> links, List<Exchanges> exchanges, long nanos) throws Exception {
        List<Repetition.Operation> operations = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            Link link = links.get(i);
            Exchanges own = exchanges.get(i);
            operations.add(() -> exchange(link, own));
        }
        return Repetition.of(operations, nanos);
    }

    private static void exchange(Link link, Exchanges exchanges) throws IOException {
        byte[] echo = new byte[Messages.SMALL];
        link.write(ByteBuffer.wrap(exchanges.message()));
        link.readFully(ByteBuffer.wrap(echo));
        exchanges.take(echo);
    }

    /**
     * W2 and W3. The clock runs from the first write, or for DOWN from the moment at which the server may send, until the
     * server's half has ended; so all bytes count, those as well that were on their way when the time was up.
     */
    static Outcome bulk(Link link, Direction direction, long nanos) throws Exception {
        long start = System.nanoTime();
        long end = start + nanos;
        BulkInput input = new BulkInput(link);
        long sent = switch (direction) {
            case UP -> write(link, end);
            case DOWN -> {
                readUntil(end, input);
                link.closeOutput();
                yield 0;
            }
            case BOTH -> {
                FutureTask<Long> writing = new FutureTask<>(() -> write(link, end));
                new Thread(writing, "bulk-writer").start();
                readToEnd(input); // which comes when the writer has ended this side's half
                yield writing.get();
            }
        };
        readToEnd(input);
        long received = input.checkReceipt(sent);
        return new Outcome(sent + received, System.nanoTime() - start, null);
    }

    private static void readUntil(long end, BulkInput input) throws IOException {
        boolean more;
        do {
            more = input.read();
        } while (more && System.nanoTime() - end < 0);
    }

    private static void readToEnd(BulkInput input) throws IOException {
        boolean more = true;
        while (more) {
            more = input.read();
        }
    }

    private static long write(Link link, long end) throws IOException {
        long sent = 0;
        do {
            link.write(Pattern.piece(sent, Pattern.MAX_PIECE));
            sent += Pattern.MAX_PIECE;
        } while (System.nanoTime() - end < 0);
        link.closeOutput();
        return sent;
    }

    /** W4. The clock runs from the first message until the receipt for the last one is there. */
    static Outcome messages(Link link, int bytes, long gapNanos, long nanos) throws Exception {
        long start = System.nanoTime();
        long sent = MessageSource.send(link::send, bytes, gapNanos, nanos);
        link.closeOutput();
        byte[] answer = link.receive();
        if (answer == null) {
            throw new IOException("the server has ended its half without a receipt");
        }
        long end = System.nanoTime();
        Receipt receipt = Receipt.from(answer);
        receipt.check(sent, 0);
        return new Outcome(sent, end - start, receipt.latencies());
    }

    /** W6, in so many threads. */
    static Outcome openAndClose(Connector connector, int concurrent, long nanos) throws Exception {
        List<Repetition.Operation> operations = new ArrayList<>();
        for (int i = 0; i < concurrent; i++) {
            Exchanges exchanges = new Exchanges(i);
            operations.add(() -> {
                try (Link link = connector.connect()) {
                    byte[] echo = new byte[Messages.SMALL];
                    link.write(ByteBuffer.wrap(exchanges.message()));
                    link.closeOutput();
                    link.readFully(ByteBuffer.wrap(echo));
                    link.readEnd();
                    exchanges.take(echo);
                }
            });
        }
        return Repetition.of(operations, nanos);
    }
}
