package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.CloseReason;
import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What a connection tells about itself, and how its end is reported. */
interface FactsContract {
    /** Bytes. What the library gives to a transport at a time. */
    int LARGEST_PIECE = 64 * 1024;

    @BothWays
    default void anIdIsAUniqueShortWord(Connector connector) {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            Connector.Ends ends = connector.connect();
            for (DuplexConnection end : List.of(ends.near(), ends.far())) {
                assertThat(end.id()).isNotEmpty().doesNotContainAnyWhitespaces().hasSizeLessThan(64);
                assertThat(end.id()).isEqualTo(end.id());
                assertThat(end.toString()).contains(end.id());
                ids.add(end.id());
            }
        }
        assertThat(ids).hasSize(6);
    }

    @BothWays
    default void bothEndsKnowTheSameRequestAndAnswer(DuplexConnection near, DuplexConnection far) {
        assertThat(near.info()).isSameAs(near.info());
        assertThat(near.info().method()).isEqualTo(far.info().method()).isNotEmpty();
        assertThat(near.info().uri().getPath()).isEqualTo(far.info().uri().getPath());
        assertThat(near.info().uri().isAbsolute()).isTrue();
        assertThat(near.info().status()).isEqualTo(far.info().status()).isBetween(200, 299);
        assertThat(near.info().localAddress()).isEqualTo(far.info().remoteAddress());
        assertThat(near.info().remoteAddress()).isEqualTo(far.info().localAddress());
        assertThat(near.info().tls() == null).isEqualTo(far.info().tls() == null);
    }

    @BothWays
    default void theFactsOutliveTheConnection(DuplexConnection near, DuplexConnection far) throws Exception {
        var address = near.info().remoteAddress();
        var status = near.info().status();
        near.abort();
        Await.result(near.closed());
        assertThat(near.info().remoteAddress()).isEqualTo(address);
        assertThat(near.info().status()).isEqualTo(status);
        assertThat(near.toString()).contains(near.id());
        assertThat(near.attributes()).isEmpty();
    }

    @BothWays
    default void noHeaderValueIsInTheDescription(DuplexConnection near, DuplexConnection far) {
        for (DuplexConnection end : List.of(near, far)) {
            for (HttpHeaders headers :
                    List.of(end.info().requestHeaders(), end.info().responseHeaders())) {
                headers.map()
                        .values()
                        .forEach(values -> values.stream()
                                .filter(value -> value.length() > 3)
                                .forEach(value -> assertThat(end.toString()).doesNotContain(value)));
            }
        }
    }

    @BothWays
    default void attributesBelongToOneEnd(DuplexConnection near, DuplexConnection far) {
        near.attributes().put("user", "somebody");
        assertThat(near.attributes()).containsEntry("user", "somebody");
        assertThat(far.attributes()).isEmpty();
    }

    @BothWays
    default void openMeansNeitherClosedNorFailed(Connector connector) throws Exception {
        Connector.Ends ended = connector.connect();
        assertThat(ended.near().isOpen()).isTrue();
        ended.near().closeOutput();
        ended.far().closeOutput();
        assertThat(ended.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(ended.near().isOpen()).isTrue();
        ended.near().close();
        assertThat(ended.near().isOpen()).isFalse();

        Connector.Ends aborted = connector.connect();
        aborted.near().abort();
        assertThat(aborted.near().isOpen()).isFalse();
        Await.until(() -> !aborted.far().isOpen(), "a reset connection is no longer open");
    }

    @BothWays
    default void aFailureIsReportedThoughNobodyReadsOrWrites(DuplexConnection near, DuplexConnection far)
            throws Exception {
        near.write(Bytes.of("12345"));
        assertThat(Bytes.readText(far, 5)).isEqualTo("12345");
        far.write(Bytes.of("123"));
        far.flush();
        // Everything that was sent before the answer has arrived.
        assertThat(Bytes.readText(near, 1)).isEqualTo("1");
        far.abort(ErrorCode.INTERNAL_ERROR);

        CloseReason here = Await.result(near.closed());
        assertThat(here.origin()).isEqualTo(Origin.PEER);
        assertThat(here.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(here.isOrderly()).isFalse();
        assertThat(here.failure()).isInstanceOf(ConnectionResetException.class);
        assertThat(here.bytesSent()).isEqualTo(5);
        assertThat(here.bytesReceived()).isBetween(1L, 3L);
        assertThat(here.bytesNotDelivered()).isZero();

        CloseReason there = Await.result(far.closed());
        assertThat(there.origin()).isEqualTo(Origin.LOCAL);
        assertThat(there.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(there.bytesSent()).isEqualTo(3);
        assertThat(there.bytesReceived()).isEqualTo(5);
    }

    @BothWays
    default void anAbortCountsWhatWasNotDelivered(DuplexConnection near, DuplexConnection far) throws Exception {
        long filled = Flood.fill(near);
        near.abort();
        CloseReason reason = Await.result(near.closed());
        assertThat(reason.bytesNotDelivered()).isPositive();
        assertThat(reason.bytesSent() + reason.bytesNotDelivered()).isEqualTo(filled);
        CloseReason there = Await.result(far.closed());
        // Of the piece that was under way some may have arrived, but none of it is known to have been written.
        assertThat(there.bytesReceived()).isLessThanOrEqualTo(reason.bytesSent() + LARGEST_PIECE);
    }

    @BothWays
    default void anOrderlyEndIsReportedWhenTheInputIsRead(DuplexConnection near, DuplexConnection far)
            throws Exception {
        far.write(Bytes.of("12345"));
        far.closeOutput();
        near.closeOutput();
        assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(Await.result(far.closed()).isOrderly()).isTrue();
        CompletionStage<CloseReason> closed = near.closed();
        assertThat(Bytes.readText(near, 4)).isEqualTo("1234");
        Await.never(() -> closed.toCompletableFuture().isDone(), "the connection ends with an unread byte");
        assertThat(Bytes.readTextToEnd(near)).isEqualTo("5");
        CloseReason reason = Await.result(closed);
        assertThat(reason.isOrderly()).isTrue();
        assertThat(reason.code()).isEqualTo(ErrorCode.NO_ERROR);
        assertThat(reason.bytesReceived()).isEqualTo(5);
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @BothWays
    default void anOrderlyEndIsReportedWhenTheInputIsDiscarded(DuplexConnection near, DuplexConnection far)
            throws Exception {
        far.write(Bytes.of("12345"));
        far.closeOutput();
        near.closeOutput();
        near.input().close();
        CloseReason reason = Await.result(near.closed());
        assertThat(reason.isOrderly()).isTrue();
        assertThat(reason.bytesReceived()).isEqualTo(5);
    }

    @BothWays
    default void theEndIsTheSameForWhoeverAsks(DuplexConnection near, DuplexConnection far) throws Exception {
        CompletionStage<CloseReason> early = near.closed();
        early.toCompletableFuture().complete(new CloseReason(Origin.LOCAL, null, null, 0, 0, 0));
        CompletionStage<CloseReason> second = near.closed();
        assertThat(second.toCompletableFuture()).isNotDone();
        far.abort(ErrorCode.CONNECT_ERROR);
        assertThat(Await.result(second).code()).isEqualTo(ErrorCode.CONNECT_ERROR);
        assertThat(Await.result(near.closed())).isEqualTo(Await.result(second));
    }
}
