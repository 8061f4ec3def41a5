package io.h2conn.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.ByteArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.CharArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.DoubleArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.FloatArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.IntArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.LongArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers.ShortArraySerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.BigDecimalSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.BigIntegerSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.EnumSetSerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.URISerializer;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.UUIDSerializer;
import com.esotericsoftware.kryo.serializers.OptionalSerializers.OptionalDoubleSerializer;
import com.esotericsoftware.kryo.serializers.OptionalSerializers.OptionalIntSerializer;
import com.esotericsoftware.kryo.serializers.OptionalSerializers.OptionalLongSerializer;
import com.esotericsoftware.kryo.serializers.OptionalSerializers.OptionalSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.DurationSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.InstantSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.LocalDateSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.LocalDateTimeSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.LocalTimeSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.MonthDaySerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.OffsetDateTimeSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.OffsetTimeSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.PeriodSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.YearMonthSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.YearSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.ZoneIdSerializer;
import com.esotericsoftware.kryo.serializers.TimeSerializers.ZoneOffsetSerializer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The classes of the JDK that need no registration, and their ids, which are part of the wire format: append, never change.
 * Kryo itself has 0 to 8 for the primitive types and strings; those of the user begin at {@link #FIRST_OF_USER}.
 */
final class KryoTypes {
    /** What is left before it is for more classes of the JDK. */
    static final int FIRST_OF_USER = 64;

    private static final int UNMODIFIABLE_LIST = 30;
    private static final int UNMODIFIABLE_SET = 31;
    private static final int UNMODIFIABLE_MAP = 32;

    /** The class of a zone with rules of its own. */
    private static final Class<?> REGION = ZoneId.of("Europe/Berlin").getClass();

    private KryoTypes() {}

    static void register(Kryo kryo) {
        registerArrays(kryo);
        registerCollections(kryo);
        registerViews(kryo);
        registerValues(kryo);
        registerTimes(kryo);
        registerComparators(kryo);
    }

    private static void registerArrays(Kryo kryo) {
        kryo.register(byte[].class, new ByteArraySerializer(), 9);
        kryo.register(short[].class, new ShortArraySerializer(), 10);
        kryo.register(char[].class, new CharArraySerializer(), 11);
        kryo.register(int[].class, new IntArraySerializer(), 12);
        kryo.register(long[].class, new LongArraySerializer(), 13);
        kryo.register(float[].class, new FloatArraySerializer(), 14);
        kryo.register(double[].class, new DoubleArraySerializer(), 15);
        kryo.register(boolean[].class, new KryoArrays.Booleans(), 16);
        kryo.register(String[].class, new KryoArrays.Strings(), 17);
        kryo.register(Object[].class, new KryoArrays.Objects(kryo, Object[].class), 18);
    }

    private static void registerCollections(Kryo kryo) {
        Serializer<?> collections = new KryoCollections.BoundedCollections();
        kryo.register(ArrayList.class, collections, 19);
        kryo.register(LinkedList.class, collections, 20);
        kryo.register(ArrayDeque.class, collections, 21);
        kryo.register(HashSet.class, collections, 22);
        kryo.register(LinkedHashSet.class, collections, 23);
        kryo.register(TreeSet.class, new KryoCollections.BoundedTreeSets(), 24);
        kryo.register(EnumSet.class, new EnumSetSerializer(), 25);
        Serializer<?> maps = new KryoCollections.BoundedMaps();
        kryo.register(HashMap.class, maps, 26);
        kryo.register(LinkedHashMap.class, maps, 27);
        kryo.register(TreeMap.class, new KryoCollections.BoundedTreeMaps(), 28);
        kryo.register(ConcurrentHashMap.class, maps, 29);
    }

    private static void registerValues(Kryo kryo) {
        kryo.register(Optional.class, new OptionalSerializer(), 33);
        kryo.register(OptionalInt.class, new OptionalIntSerializer(), 34);
        kryo.register(OptionalLong.class, new OptionalLongSerializer(), 35);
        kryo.register(OptionalDouble.class, new OptionalDoubleSerializer(), 36);
        kryo.register(BigInteger.class, new BigIntegerSerializer(), 37);
        kryo.register(BigDecimal.class, new BigDecimalSerializer(), 38);
        kryo.register(UUID.class, new UUIDSerializer(), 39);
        kryo.register(URI.class, new URISerializer(), 40);
    }

    private static void registerTimes(Kryo kryo) {
        kryo.register(Instant.class, new InstantSerializer(), 41);
        kryo.register(Duration.class, new DurationSerializer(), 42);
        kryo.register(Period.class, new PeriodSerializer(), 43);
        kryo.register(LocalDate.class, new LocalDateSerializer(), 44);
        kryo.register(LocalTime.class, new LocalTimeSerializer(), 45);
        kryo.register(LocalDateTime.class, new LocalDateTimeSerializer(), 46);
        kryo.register(OffsetTime.class, new OffsetTimeSerializer(), 47);
        kryo.register(OffsetDateTime.class, new OffsetDateTimeSerializer(), 48);
        kryo.register(ZonedDateTime.class, new KryoValues.ZonedDateTimes(), 49);
        kryo.register(ZoneOffset.class, new ZoneOffsetSerializer(), 50);
        kryo.register(REGION, new ZoneIdSerializer(), 51);
        kryo.register(Year.class, new YearSerializer(), 52);
        kryo.register(YearMonth.class, new YearMonthSerializer(), 53);
        kryo.register(MonthDay.class, new MonthDaySerializer(), 54);
        kryo.register(Date.class, new KryoValues.Dates(), 55);
    }

    private static void registerComparators(Kryo kryo) {
        int id = 56;
        for (Comparator<?> comparator :
                List.of(Comparator.naturalOrder(), Comparator.reverseOrder(), String.CASE_INSENSITIVE_ORDER)) {
            kryo.register(comparator.getClass(), new KryoValues.Constants<>(comparator), id++);
        }
    }

    /** Classes without a name, which arrive as another that has the same contents. */
    @SuppressWarnings("JdkObsolete") // LinkedList: what wraps a list without random access has a class of its own
    private static void registerViews(Kryo kryo) {
        List<Integer> list = new ArrayList<>();
        Registration arrayLists = kryo.getRegistration(ArrayList.class);
        registerAs(arrayLists.getId(), kryo, arrayLists.getSerializer(), Arrays.asList(1), list.subList(0, 0), list);
        registerAs(
                UNMODIFIABLE_LIST,
                kryo,
                new KryoUnmodifiable.Lists(),
                List.of(),
                List.of(1),
                List.of(1, 2, 3).subList(0, 2),
                Collections.emptyList(),
                Collections.singletonList(1),
                Collections.nCopies(1, 1),
                Collections.unmodifiableList(new LinkedList<>()),
                Collections.unmodifiableList(list));
        registerAs(
                UNMODIFIABLE_SET,
                kryo,
                new KryoUnmodifiable.Sets(),
                Set.of(),
                Set.of(1),
                Collections.emptySet(),
                Collections.singleton(1),
                Collections.unmodifiableSet(new HashSet<>()));
        registerAs(
                UNMODIFIABLE_MAP,
                kryo,
                new KryoUnmodifiable.Maps(),
                Map.of(),
                Map.of(1, 1),
                Collections.emptyMap(),
                Collections.singletonMap(1, 1),
                Collections.unmodifiableMap(new HashMap<>()));
    }

    /** Writes the classes of these objects under one id. What is read is of the last one's class. */
    private static void registerAs(int id, Kryo kryo, Serializer<?> serializer, Object... examples) {
        for (Object example : examples) {
            // Past Kryo's own method, which drops the class that has the id already.
            kryo.getClassResolver().register(new Registration(example.getClass(), serializer, id));
        }
    }
}
