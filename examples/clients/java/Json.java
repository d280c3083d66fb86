import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON into maps, lists, texts, longs and booleans: as much as the gateway's answers have, and no library. */
final class Json {
    private final String text;
    private int place;

    private Json(String text) {
        this.text = text;
    }

    /** Reads one value; throws IllegalArgumentException where the text is no JSON. */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.place != text.length()) {
            throw json.wrong();
        }
        return value;
    }

    /** Writes a text as a JSON string. */
    static String quoted(String text) {
        StringBuilder written = new StringBuilder("\"");
        for (char each : text.toCharArray()) {
            if (each == '"' || each == '\\') {
                written.append('\\').append(each);
            } else if (each < ' ') {
                written.append(String.format("\\u%04x", (int) each));
            } else {
                written.append(each);
            }
        }
        return written.append('"').toString();
    }

    private Object value() {
        space();
        switch (peek()) {
            case '{':
                return object();
            case '[':
                return list();
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        space();
        while (peek() != '}') {
            space();
            String name = string();
            space();
            take(':');
            members.put(name, value());
            space();
            if (peek() != '}') {
                take(',');
            }
        }
        take('}');
        return members;
    }

    private List<Object> list() {
        List<Object> members = new ArrayList<>();
        take('[');
        space();
        while (peek() != ']') {
            members.add(value());
            space();
            if (peek() != ']') {
                take(',');
            }
        }
        take(']');
        return members;
    }

    private String string() {
        StringBuilder read = new StringBuilder();
        take('"');
        while (peek() != '"') {
            char each = text.charAt(place++);
            read.append(each == '\\' ? escaped() : each);
        }
        take('"');
        return read.toString();
    }

    private char escaped() {
        char kind = peek();
        place++;
        switch (kind) {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                if (place + 4 > text.length()) {
                    throw wrong();
                }
                place += 4;
                return (char) Integer.parseInt(text.substring(place - 4, place), 16);
            default:
                return kind;
        }
    }

    /** The gateway writes whole numbers only. */
    private Long number() {
        int start = place;
        while (place < text.length() && "-0123456789".indexOf(text.charAt(place)) >= 0) {
            place++;
        }
        if (start == place) {
            throw wrong();
        }
        return Long.valueOf(text.substring(start, place));
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, place)) {
            throw wrong();
        }
        place += word.length();
        return value;
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw wrong();
        }
        place++;
    }

    private char peek() {
        if (place >= text.length()) {
            throw wrong();
        }
        return text.charAt(place);
    }

    private void space() {
        while (place < text.length() && " \t\r\n".indexOf(text.charAt(place)) >= 0) {
            place++;
        }
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("no JSON at character " + place);
    }
}
