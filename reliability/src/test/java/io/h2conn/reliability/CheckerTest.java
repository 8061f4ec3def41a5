package io.h2conn.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CheckerTest {
    private static final Content CONTENT = new Content(7, Side.SERVER, 60, false);
    private static final int PLACE = 300;

    private final byte[] all = bytes(CONTENT);

    private static byte[] bytes(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < content.messages(); i++) {
            bytes.writeBytes(content.message(i));
        }
        return bytes.toByteArray();
    }

    private static Checker check(byte[] arrived, int piece) {
        Checker checker = new Checker(CONTENT);
        for (int i = 0; i < arrived.length; i += piece) {
            checker.accept(ByteBuffer.wrap(arrived, i, Math.min(piece, arrived.length - i)));
        }
        return checker;
    }

    /** What has become of the content when some of it is replaced by something else. */
    private Defect defect(int from, int to, Consumer<ByteArrayOutputStream> replacement) {
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(all, 0, from);
        replacement.accept(changed);
        changed.write(all, to, all.length - to);
        Defect whole = check(changed.toByteArray(), changed.size()).defect();
        assertThat(check(changed.toByteArray(), 1).defect()).isEqualTo(whole);
        assertThat(check(changed.toByteArray(), 61).defect()).isEqualTo(whole);
        assertThat(whole).isNotNull();
        return whole;
    }

    @Test
    void allThatIsSentIsRightInPiecesOfAnySize() {
        for (int piece : new int[] {1, 7, 1000, all.length}) {
            Checker checker = check(all, piece);
            assertThat(checker.defect()).isNull();
            assertThat(checker.received()).isEqualTo(all.length).isEqualTo(CONTENT.size());
        }
    }

    @Test
    void aPrefixIsRight() {
        Checker checker = check(Arrays.copyOf(all, PLACE), 10);

        assertThat(checker.defect()).isNull();
        assertThat(checker.received()).isEqualTo(PLACE);
        assertThat(CONTENT.complete(PLACE)).isBetween(1, 10);
    }

    @Test
    void aLostByteIsLost() {
        Defect defect = defect(PLACE, PLACE + 1, bytes -> {});

        assertThat(defect.kind()).isEqualTo(Defect.Kind.LOST);
        assertThat(defect.length()).isEqualTo(1);
        assertThat(defect.offset()).isBetween((long) PLACE, PLACE + 2L);
    }

    @Test
    void aLostMessageIsLost() {
        int first = CONTENT.size(0);
        Defect defect = defect(first, first + CONTENT.size(1), bytes -> {});

        assertThat(defect.kind()).isEqualTo(Defect.Kind.LOST);
        assertThat(defect.length()).isEqualTo(CONTENT.size(1));
    }

    @Test
    void aByteThatComesTwiceIsDuplicated() {
        Defect defect = defect(PLACE, PLACE, bytes -> bytes.write(all[PLACE - 1]));

        assertThat(defect.kind()).isEqualTo(Defect.Kind.DUPLICATED);
        assertThat(defect.length()).isEqualTo(1);
    }

    @Test
    void aMessageThatComesTwiceIsDuplicated() {
        int first = CONTENT.size(0);
        int second = first + CONTENT.size(1);
        Defect defect = defect(second, second, bytes -> bytes.writeBytes(CONTENT.message(1)));

        assertThat(defect.kind()).isEqualTo(Defect.Kind.DUPLICATED);
        assertThat(defect.length()).isEqualTo(CONTENT.size(1));
    }

    @Test
    void twoBytesThatChangePlacesAreReordered() {
        int place = PLACE;
        while (all[place] == all[place + 1]) {
            place++;
        }
        int at = place;
        Defect defect = defect(at, at + 2, bytes -> {
            bytes.write(all[at + 1]);
            bytes.write(all[at]);
        });

        assertThat(defect).isEqualTo(new Defect(Defect.Kind.REORDERED, at, 2));
    }

    @Test
    void twoMessagesThatChangePlacesAreReordered() {
        int first = CONTENT.size(0);
        int third = first + CONTENT.size(1) + CONTENT.size(2);
        Defect defect = defect(first, third, bytes -> {
            bytes.writeBytes(CONTENT.message(2));
            bytes.writeBytes(CONTENT.message(1));
        });

        assertThat(defect.kind()).isEqualTo(Defect.Kind.REORDERED);
    }

    @Test
    void aMessageOfAnotherConnectionIsForeign() {
        int first = CONTENT.size(0);
        Content other = new Content(8, Side.SERVER, 3, false);
        Defect defect = defect(first, first, bytes -> bytes.writeBytes(other.message(1)));

        assertThat(defect.kind()).isEqualTo(Defect.Kind.FOREIGN);
    }

    @Test
    void aBitThatFlipsIsAChange() {
        Defect defect = defect(PLACE, PLACE + 1, bytes -> bytes.write(all[PLACE] ^ 0x10));

        assertThat(defect.kind()).isEqualTo(Defect.Kind.CHANGED);
        assertThat(defect.offset()).isEqualTo(PLACE);
    }

    @Test
    void aByteTooManyAtTheEndIsNoticed() {
        Defect defect = defect(all.length, all.length, bytes -> bytes.write(1));

        assertThat(defect.offset()).isEqualTo(all.length);
    }
}
