package io.h2conn.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** Against a scanner that looks at one byte after the other, and has no state but what it has read of the value. */
@Timeout(60)
class JsonFramingTest {
    /** What garbage is made of: all that means something to a framing, and a little that does not. */
    private static final String ALPHABET = "{}[]\"\"\\\\,: \t\r\n01e-trufalsn\u00e9\u20ac\0'/*";

    // ---------------------------------------------------------------- the reference

    /** The values in a text, and last what is left, which is not the whole of one. */
    private static List<String> naive(byte[] text) {
        List<String> values = new ArrayList<>();
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (int index = 0; index < text.length; index++) {
            byte next = text[index];
            if (value.size() == 0 && isSpace(next)) {
                continue;
            }
            if (value.size() > 0 && isScalar(value.toByteArray()) && endsScalar(next)) {
                values.add(value.toString(UTF_8));
                value.reset();
                index--; // looked at again, as the beginning of something
                continue;
            }
            value.write(next);
            if (isWhole(value.toByteArray())) {
                values.add(value.toString(UTF_8));
                value.reset();
            }
        }
        values.add(value.toString(UTF_8));
        return values;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private static boolean endsScalar(byte b) {
        return isSpace(b) || b == '{' || b == '}' || b == '[' || b == ']' || b == '"' || b == ',' || b == ':';
    }

    private static boolean isScalar(byte[] value) {
        return !endsScalar(value[0]);
    }

    private static boolean isWhole(byte[] value) {
        if (value[0] == ',' || value[0] == ':' || value[0] == '}' || value[0] == ']') {
            return true; // nothing can begin like this: one wrong byte is reported alone
        }
        if (isScalar(value)) {
            return false;
        }
        int depth = 0;
        boolean inString = false;
        for (int index = 0; index < value.length; index++) {
            byte b = value[index];
            if (inString) {
                if (b == '\\') {
                    index++;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
            boolean escapedBeyond = index >= value.length;
            if (depth == 0 && !inString && !escapedBeyond) {
                return index == value.length - 1;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- what is tested

    /** What the framing finds when the text arrives in pieces, in the way in which a connection asks it. */
    private static List<String> framed(byte[] text, Random random) throws IOException {
        Framing.Scanner scanner = Framing.json().scanner(Integer.MAX_VALUE);
        List<String> values = new ArrayList<>();
        int arrived = 0;
        int start = 0;
        int scanned = 0;
        boolean begun = false;
        while (true) {
            if (!begun) {
                ByteBuffer input = ByteBuffer.wrap(text, start, arrived - start);
                begun = scanner.begin(input);
                start = input.position();
                scanned = start;
            }
            if (begun) {
                ByteBuffer input = ByteBuffer.wrap(text, scanned, arrived - scanned);
                boolean ended = scanner.end(input);
                scanned = input.position();
                if (ended) {
                    values.add(new String(text, start, scanned - start, UTF_8));
                    start = scanned;
                    begun = false;
                    continue;
                }
                assertThat(scanned).isEqualTo(arrived);
            }
            if (arrived == text.length) {
                values.add(new String(text, start, arrived - start, UTF_8));
                return values;
            }
            arrived = Math.min(text.length, arrived + 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
        }
    }

    private static void check(byte[] text, Random random) throws IOException {
        List<String> expected = naive(text);
        for (int cut = 0; cut < 5; cut++) {
            assertThat(framed(text, random)).as("%s", new String(text, UTF_8)).isEqualTo(expected);
        }
    }

    @RepeatedTest(20)
    void garbageIsDividedAsByTheReference(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(60); length > 0; length--) {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            check(text.toString().getBytes(UTF_8), random);
        }
    }

    @RepeatedTest(10)
    void allBytesAreDividedAsByTheReference(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int round = 0; round < 1000; round++) {
            byte[] text = new byte[random.nextInt(200)];
            random.nextBytes(text);
            check(text, random);
        }
    }

    @RepeatedTest(10)
    void theValuesOfATextAreFoundWhateverIsBetweenThem(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        JsonMapper mapper = JsonMapper.shared();
        for (int round = 0; round < 200; round++) {
            List<String> written = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (int count = random.nextInt(8); count > 0; count--) {
                Object value = value(random, 4);
                String json = random.nextBoolean()
                        ? mapper.writeValueAsString(value)
                        : mapper.writerWithDefaultPrettyPrinter().writeValueAsString(value);
                written.add(json);
                text.append(json).append(separator(random, endsScalar((byte) json.charAt(0))));
            }
            byte[] bytes = text.toString().getBytes(UTF_8);
            List<String> found = framed(bytes, random);

            assertThat(found.subList(0, found.size() - 1)).isEqualTo(written);
            check(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), random);
        }
    }

    private static String separator(Random random, boolean mayBeNothing) {
        StringBuilder separator = new StringBuilder(mayBeNothing ? "" : "\n");
        for (int length = random.nextInt(4); length > 0; length--) {
            separator.append(" \t\r\n".charAt(random.nextInt(4)));
        }
        return separator.toString();
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextDouble() * 1e200;
            case 2 -> random.nextBoolean();
            case 3 -> string(random);
            case 4 -> list(random, depth - 1);
            default -> map(random, depth - 1);
        };
    }

    private static List<Object> list(Random random, int depth) {
        List<Object> list = new ArrayList<>();
        for (int size = random.nextInt(5); size > 0; size--) {
            list.add(value(random, depth));
        }
        return list;
    }

    private static Map<String, Object> map(Random random, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int size = random.nextInt(5); size > 0; size--) {
            map.put(string(random), value(random, depth));
        }
        return map;
    }

    private static String string(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(20); length > 0; length--) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return random.nextInt(4) == 0 ? text.append("\ud83d\ude00").toString() : text.toString();
    }

    @Test
    void everyCutOfATextGivesTheSameValues() throws IOException {
        byte[] text = "{\"a\\\"}\":[1,\"\\\\\"]}[]\"x\"\"\\\"\" true{}1.5e-3 null".getBytes(UTF_8);
        List<String> expected = naive(text);
        assertThat(expected)
                .containsExactly(
                        "{\"a\\\"}\":[1,\"\\\\\"]}", "[]", "\"x\"", "\"\\\"\"", "true", "{}", "1.5e-3", "null");
        Random always = new Random(0);
        for (int round = 0; round < 500; round++) {
            assertThat(framed(text, always)).isEqualTo(expected);
        }
    }
}
