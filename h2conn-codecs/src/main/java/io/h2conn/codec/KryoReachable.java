package io.h2conn.codec;

import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes that a message is made of, as far as their declarations tell: the types of record components and
 * fields, their type arguments, the elements of arrays, the permitted subclasses of what is sealed. The order depends on
 * nothing but the declarations, since it gives the classes their ids: record components and permitted subclasses as
 * declared, fields by their names, as Java does not say in which order it lists them.
 */
final class KryoReachable {
    private final Predicate<Class<?>> opaque;
    private final Set<Type> seen = new HashSet<>();
    private final Set<Class<?>> found = new LinkedHashSet<>();

    /** Does not look into classes that are opaque. */
    KryoReachable(Predicate<Class<?>> opaque) {
        this.opaque = opaque;
    }

    /** Adds a class, also one that could not be found, and then what it is made of. */
    void add(Class<?> type) {
        if (isConcrete(type)) {
            found.add(type);
        }
        visit(type);
    }

    /** In the order in which they were found. */
    Set<Class<?>> found() {
        return found;
    }

    private void visit(@Nullable Type type) {
        if (type == null || !seen.add(type)) {
            return;
        }
        if (type instanceof Class<?> aClass) {
            visitClass(aClass);
        } else if (type instanceof ParameterizedType parameterized) {
            visit(parameterized.getRawType());
            visitAll(parameterized.getActualTypeArguments());
        } else if (type instanceof GenericArrayType array) {
            visit(array.getGenericComponentType());
        } else if (type instanceof WildcardType wildcard) {
            visitAll(wildcard.getUpperBounds());
        } else if (type instanceof TypeVariable<?> variable) {
            visitAll(variable.getBounds());
        }
    }

    private void visitAll(Type[] types) {
        for (Type type : types) {
            visit(type);
        }
    }

    private void visitClass(Class<?> type) {
        if (type.isArray()) {
            visit(type.getComponentType());
            found.add(type);
        } else if (type.isEnum()) {
            found.add(type);
        } else if (!type.isPrimitive() && !isOfTheJdk(type)) {
            if (isConcrete(type)) {
                found.add(type);
            }
            if (type.isSealed()) {
                visitAll(type.getPermittedSubclasses());
            }
            if (!opaque.test(type)) {
                visitContents(type);
            }
        }
    }

    private void visitContents(Class<?> type) {
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                visit(component.getType());
                visit(component.getGenericType());
            }
        } else if (!type.isInterface()) {
            Field[] fields = type.getDeclaredFields();
            Arrays.sort(fields, Comparator.comparing(Field::getName));
            for (Field field : fields) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                    visit(field.getType());
                    visit(field.getGenericType());
                }
            }
            visitSuperclass(type);
        }
    }

    /** The superclass is no message of its own, but what it holds is in this one. */
    private void visitSuperclass(Class<?> type) {
        if (type.getGenericSuperclass() instanceof ParameterizedType parameterized) {
            visitAll(parameterized.getActualTypeArguments());
        }
        Class<?> superclass = type.getSuperclass();
        if (superclass != null && !isOfTheJdk(superclass)) {
            visitContents(superclass);
        }
    }

    private static boolean isConcrete(Class<?> type) {
        return type.isArray() || type.isEnum() || !Modifier.isAbstract(type.getModifiers());
    }

    private static boolean isOfTheJdk(Class<?> type) {
        String module = type.getModule().getName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
