package io.h2conn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionOptions;
import io.h2conn.ErrorCode;
import io.h2conn.conformance.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where what is written is cut, and that the seed alone decides it. */
class FragmentsTest {
    /** A listener without a thread gets each fragment by itself, as it arrives. */
    private static final ConnectionOptions DIRECT =
            ConnectionOptions.defaults().nonBlockingCallbacks(true).gatherWrites(false);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void aPerfectNetworkDoesNotCut() throws IOException {
        assertThat(fragments(1, NetworkConditions.perfect(), 100, 200)).containsExactly(100, 200);
    }

    @Test
    void fragmentsOfOneByteArriveByteByByte() throws IOException {
        assertThat(fragments(1, NetworkConditions.perfect().fragments(1), 100))
                .hasSize(100)
                .containsOnly(1);
    }

    @Test
    void fragmentsHaveAnySizeUpToTheLargest() throws IOException {
        List<Integer> sizes = fragments(1, NetworkConditions.perfect().fragments(4), 1_000);
        assertThat(sizes).contains(1, 2, 3, 4).allMatch(size -> size <= 4);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1_000);
    }

    @Test
    void theSameSeedCutsAlike() throws IOException {
        NetworkConditions conditions = NetworkConditions.perfect().fragments(50);
        List<Integer> sizes = fragments(7, conditions, 500, 3, 500);
        for (int i = 0; i < 20; i++) {
            assertThat(fragments(7, conditions, 500, 3, 500)).isEqualTo(sizes);
        }
    }

    @Test
    void anotherSeedCutsElsewhere() throws IOException {
        NetworkConditions conditions = NetworkConditions.perfect().fragments(50);
        List<List<Integer>> all = new ArrayList<>();
        for (long seed = 0; seed < 10; seed++) {
            all.add(fragments(seed, conditions, 1_000));
        }
        assertThat(all).doesNotHaveDuplicates();
    }

    @Test
    void theDirectionsAreCutIndependently() throws IOException {
        NetworkConditions conditions = NetworkConditions.perfect().fragments(50);
        List<Integer> toServer = new ArrayList<>();
        List<Integer> toClient = new ArrayList<>();
        try (FaultyPair pair = FaultyPair.builder()
                .seed(7)
                .toServer(conditions)
                .toClient(conditions)
                .options(DIRECT)
                .connect()) {
            CompletableFuture<?> server = pair.server().listen(data -> note(data, toServer));
            CompletableFuture<?> client = pair.client().listen(data -> note(data, toClient));
            Numbered.write(pair.client(), 1_000);
            Numbered.write(pair.server(), 1_000);
            assertThat(server).isNotDone();
            assertThat(client).isNotDone();
        }
        assertThat(toServer).isNotEqualTo(toClient).isEqualTo(fragments(7, conditions, 1_000));
    }

    @Test
    void whereAWriteEndsItIsCutToo() throws IOException {
        List<Integer> whole = fragments(3, NetworkConditions.perfect().fragments(50), 600);
        List<Integer> inTwo = fragments(3, NetworkConditions.perfect().fragments(50), 200, 400);
        assertThat(ends(inTwo)).containsAll(ends(whole)).contains(200);
    }

    @Test
    void theSeedIsInEveryNameAndFailure() {
        try (FaultyPair pair = FaultyPair.builder().seed(-42).connect()) {
            assertThat(pair.seed()).isEqualTo(-42);
            assertThat(pair.toString()).contains("seed -42");
            assertThat(pair.client().id()).contains("seed-42");
            assertThat(pair.server().id()).contains("seed-42");
            assertThat(pair.client().toString()).contains("seed-42");
            pair.client().setReadTimeout(Duration.ofMillis(1));
            assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1))).hasMessageContaining("seed-42");
            pair.lose();
            assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1))).hasMessageContaining("seed -42");
        }
        try (FaultyPair pair = FaultyPair.builder().seed(5).connect()) {
            pair.reset(ErrorCode.CANCEL);
            assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(1)))
                    .hasMessageContaining("seed 5")
                    .hasMessageContaining("CANCEL");
        }
    }

    @Test
    void withoutASeedThereIsARandomOne() {
        long[] seeds = IntStream.range(0, 50)
                .mapToLong(i -> {
                    try (FaultyPair pair = FaultyPair.builder().connect()) {
                        return pair.seed();
                    }
                })
                .distinct()
                .toArray();
        assertThat(seeds).hasSizeGreaterThan(1);
    }

    private static List<Integer> fragments(long seed, NetworkConditions conditions, int... writes) throws IOException {
        List<Integer> sizes = new ArrayList<>();
        try (FaultyPair pair = FaultyPair.builder()
                .seed(seed)
                .toServer(conditions)
                .options(DIRECT)
                .connect()) {
            CompletableFuture<?> listening = pair.server().listen(data -> note(data, sizes));
            for (int bytes : writes) {
                pair.client().write(ByteBuffer.allocate(bytes));
            }
            pair.client().closeOutput();
            assertThat(listening).succeedsWithin(Duration.ofSeconds(10));
        }
        return sizes;
    }

    private static CompletableFuture<Void> note(ByteBuffer data, List<Integer> sizes) {
        sizes.add(data.remaining());
        return null;
    }

    private static List<Integer> ends(List<Integer> sizes) {
        List<Integer> ends = new ArrayList<>();
        int at = 0;
        for (int size : sizes) {
            at += size;
            ends.add(at);
        }
        return ends;
    }
}
