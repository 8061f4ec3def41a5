package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent comes out, the same and in order. */
interface CodecRoundTripContract<T> {
    @Test
    default void messagesComeOutAsTheyWereSentInBothDirections(CodecBench<T> bench) throws Exception {
        List<T> there = bench.messages(1000);
        List<T> back = bench.messages(1000);
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sendingThere = bench.sendAndEnd(ends.near(), there);
            Task<Boolean> sendingBack = bench.sendAndEnd(ends.far(), back);
            Task<List<T>> receivingThere = Task.start(() -> CodecBench.receiveAll(ends.far()));
            bench.requireSame(back, CodecBench.receiveAll(ends.near()));
            bench.requireSame(there, receivingThere.get());
            sendingThere.get();
            sendingBack.get();
        }
    }

    @Test
    default void anEndAfterAMessageIsNullNowAndEverAfter(CodecBench<T> bench) throws Exception {
        T message = bench.message();
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sending = bench.sendAndEnd(ends.far(), List.of(message));
            bench.requireSame(message, ends.near().receive());
            assertThat(ends.near().receive()).isNull();
            assertThat(Await.result(ends.near().receiveAsync())).isNull();
            assertThat(ends.near().receive()).isNull();
            sending.get();
        }
    }

    @Test
    default void anEndBeforeAnyMessageIsNull(CodecBench<T> bench) throws Exception {
        try (CodecBench.Ends<T> ends = bench.connect()) {
            ends.far().closeOutput();
            assertThat(ends.near().receive()).isNull();
        }
    }

    @Test
    default void aHundredThousandMessagesComeThrough(CodecBench<T> bench) throws Exception {
        List<T> messages = bench.bySize().subList(0, 10);
        int count = 100_000;
        try (CodecBench.Ends<T> ends = bench.connect()) {
            Task<Boolean> sending = bench.send(ends.near(), () -> {
                for (int i = 0; i < count; i++) {
                    ends.near().send(messages.get(i % messages.size()));
                }
                ends.near().closeOutput();
            });
            for (int i = 0; i < count; i++) {
                bench.requireSame(messages.get(i % messages.size()), ends.far().receive());
            }
            assertThat(ends.far().receive()).isNull();
            sending.get();
        }
    }

    @Test
    default void oneCodecServesManyConnectionsAtOnce(CodecBench<T> bench) throws Exception {
        List<List<T>> sent = List.of(bench.messages(300), bench.messages(300), bench.messages(300));
        List<Task<List<T>>> receiving = sent.stream()
                .map(messages -> Task.start(() -> {
                    try (CodecBench.Ends<T> ends = bench.connect()) {
                        Task<Boolean> sending = bench.sendAndEnd(ends.near(), messages);
                        List<T> received = CodecBench.receiveAll(ends.far());
                        sending.get();
                        return received;
                    }
                }))
                .toList();
        for (int i = 0; i < sent.size(); i++) {
            bench.requireSame(sent.get(i), receiving.get(i).get());
        }
    }
}
