package io.registrycenter.load.measure;

import java.util.Map;
import java.util.TreeMap;

/**
 * One measured number.
 *
 * @param name what it is, dotted
 * @param unit of the value
 * @param params under what conditions it was measured; strings, numbers or booleans
 */
public record Figure(String name, double value, String unit, Map<String, Object> params) {
    public Figure {
        params = new TreeMap<>(params);
    }

    /** One line of JSON. A value that is not a number is null: it could not be measured. */
    public String toJson() {
        StringBuilder json = new StringBuilder("{\"figure\":");
        string(json, name);
        json.append(",\"value\":").append(number(value)).append(",\"unit\":");
        string(json, unit);
        json.append(",\"params\":{");
        String comma = "";
        for (Map.Entry<String, Object> param : params.entrySet()) {
            json.append(comma);
            string(json, param.getKey());
            json.append(':');
            switch (param.getValue()) {
                case Double number -> json.append(number(number));
                case Number number -> json.append(number);
                case Boolean flag -> json.append(flag);
                default -> string(json, param.getValue().toString());
            }
            comma = ",";
        }
        return json.append("}}").toString();
    }

    /** Four significant digits, or all digits before the point: more would be noise. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "null";
        }
        double magnitude = Math.abs(value);
        if (magnitude >= 1000 || magnitude == 0) {
            return Long.toString(Math.round(value));
        }
        int digits = Math.max(1, 3 - (int) Math.floor(Math.log10(magnitude)));
        double scale = Math.pow(10, Math.min(digits, 9));
        return Double.toString(Math.round(value * scale) / scale);
    }

    private static void string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
