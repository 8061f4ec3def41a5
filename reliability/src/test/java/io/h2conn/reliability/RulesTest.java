package io.h2conn.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.reliability.Entry.Connected;
import io.h2conn.reliability.Entry.Fact;
import io.h2conn.reliability.Entry.InputEnd;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final long SEED = 1;

    private final Plan undisturbed = plan(plan -> !plan.faulty());
    private final Plan disturbed = plan(Plan::faulty);

    private static Plan plan(Predicate<Plan> wanted) {
        return LongStream.rangeClosed(1, 10_000)
                .mapToObj(id -> Plan.of(SEED, id))
                .filter(plan -> plan.ending() == Ending.ORDERLY && plan.flow() == Plan.Flow.BOTH)
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    /** What a side knows that has sent and read all. */
    private static Entry orderly(Plan plan, Side side, long sent, long received) {
        Entry entry = new Entry(plan.id(), side)
                .set(Fact.ACCEPTED, sent)
                .set(Fact.ACCEPTED_AT_MOST, sent)
                .set(Fact.OUTPUT_ENDED, "CLOSE_OUTPUT")
                .set(Fact.LEFT, true)
                .set(Fact.RECEIVED, received)
                .set(Fact.INPUT_END, InputEnd.END)
                .set(Fact.CLOSED_ORDERLY, true)
                .set(Fact.CLOSED_BYTES_RECEIVED, received)
                .set(Fact.CLOSED_BYTES_SENT, sent)
                .set(Fact.CLOSED_BYTES_NOT_DELIVERED, 0);
        return side == Side.CLIENT ? entry.set(Fact.CONNECTED, Connected.YES) : entry;
    }

    /** The same, whose input was lost with its session. */
    private static Entry lost(Plan plan, Side side, long sent, long received) {
        String failure = "ConnectionLostException|NETWORK|-1|the TCP connection ended";
        return orderly(plan, side, sent, received)
                .set(Fact.INPUT_END, InputEnd.FAILURE)
                .set(Fact.READ_FAILURE, failure)
                .set(Fact.CLOSED_ORDERLY, false)
                .set(Fact.CLOSED_FAILURE, failure);
    }

    private static Rules judge(Plan plan, Entry client, Entry server) {
        return new Rules(plan, Entry.parse(client.format()), Entry.parse(server.format()));
    }

    @Test
    void whatArrivesWithItsEndIsAsItMustBe() {
        Rules rules = judge(
                undisturbed, orderly(undisturbed, Side.CLIENT, 70, 50), orderly(undisturbed, Side.SERVER, 50, 70));

        assertThat(rules.violations()).isEmpty();
        assertThat(rules.fate(Side.CLIENT)).isEqualTo(Rules.Fate.ARRIVED);
        assertThat(rules.fate(Side.SERVER)).isEqualTo(Rules.Fate.ARRIVED);
    }

    @Test
    void anEndThatComesTooSoonIsASilentLoss() {
        Rules rules =
                judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 50), orderly(disturbed, Side.SERVER, 50, 69));

        assertThat(rules.violations()).containsExactly("CLIENT to SERVER: lost silently: 1 of 70 bytes");
        assertThat(rules.fate(Side.CLIENT)).isEqualTo(Rules.Fate.LOST_SILENTLY);
    }

    @Test
    void anEndThatNobodySentIsAViolation() {
        Entry client = orderly(disturbed, Side.CLIENT, 70, 50).set(Fact.OUTPUT_ENDED, null);

        Rules rules = judge(disturbed, client, orderly(disturbed, Side.SERVER, 50, 70));

        assertThat(rules.violations()).containsExactly("CLIENT to SERVER: an end arrived that nobody sent");
    }

    @Test
    void aTypedFailureExplainsALossOverADisturbedSessionOnly() {
        Rules explained =
                judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 50), lost(disturbed, Side.SERVER, 50, 30));
        Rules unexplained =
                judge(undisturbed, orderly(undisturbed, Side.CLIENT, 70, 50), lost(undisturbed, Side.SERVER, 50, 30));

        assertThat(explained.violations()).isEmpty();
        assertThat(explained.fate(Side.CLIENT)).isEqualTo(Rules.Fate.LOST_TYPED);
        assertThat(unexplained.violations())
                .anyMatch(violation -> violation.contains("the undisturbed input failed: ConnectionLostException"));
    }

    @Test
    void moreThanWasSentIsAViolation() {
        Rules rules =
                judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 51), orderly(disturbed, Side.SERVER, 50, 70));

        assertThat(rules.violations()).contains("SERVER to CLIENT: received 51 of 50 bytes");
    }

    @Test
    void aDefectIsAViolationOfItsKind() {
        Entry server =
                orderly(disturbed, Side.SERVER, 50, 30).set(Fact.DEFECT, new Defect(Defect.Kind.DUPLICATED, 30, 1));

        Rules rules = judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 50), server);

        assertThat(rules.violations()).contains("CLIENT to SERVER: bytes are DUPLICATED@30+1");
        assertThat(rules.fate(Side.CLIENT)).isEqualTo(Rules.Fate.DUPLICATED);
    }

    @Test
    void bytesThatClosedDoesNotAccountForAreAViolation() {
        Entry client = orderly(disturbed, Side.CLIENT, 70, 50).set(Fact.CLOSED_BYTES_SENT, 69);

        Rules rules = judge(disturbed, client, orderly(disturbed, Side.SERVER, 50, 70));

        assertThat(rules.violations()).containsExactly("CLIENT: closed() accounts for 69 + 0 bytes, accepted 70 to 70");
    }

    @Test
    void aCloseThatReturnsWithBytesUndeliveredIsAViolation() {
        Entry client = lost(disturbed, Side.CLIENT, 200_000, 50)
                .set(Fact.CLOSE_RETURNED, true)
                .set(Fact.CLOSED_BYTES_SENT, 100_000)
                .set(Fact.CLOSED_BYTES_NOT_DELIVERED, 100_000);

        Rules rules = judge(disturbed, client, lost(disturbed, Side.SERVER, 50, 70));

        assertThat(rules.violations()).containsExactly("CLIENT: close() returned with 100000 bytes undelivered");
    }

    @Test
    void aConnectionThatNeverEndsIsAViolation() {
        Entry server = orderly(disturbed, Side.SERVER, 50, 70).set(Fact.CLOSED_ORDERLY, null);

        Rules rules = judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 50), server);

        assertThat(rules.violations()).contains("SERVER: closed() has not completed");
    }

    @Test
    void anExceptionThatIsNoneOfTheFamilyIsAViolation() {
        Entry server = orderly(disturbed, Side.SERVER, 50, 70);
        server.find("a read failed with NullPointerException: null");

        Rules rules = judge(disturbed, orderly(disturbed, Side.CLIENT, 70, 50), server);

        assertThat(rules.violations()).containsExactly("SERVER: a read failed with NullPointerException: null");
    }
}
