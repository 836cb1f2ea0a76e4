/*
 * What a BI tool does with a database before anybody sees a chart: asks the
 * driver for the views, their columns and comments, then reads rows in a
 * read-only transaction, some at a time.
 *
 *	java -cp postgresql.jar BiTool.java URL SCHEMA QUERY...
 *
 * User and password come from PGUSER and PGPASSWORD.  Prints, separated by tabs,
 *
 *	listed	relation	kind	comment
 *	column	relation	name	java.sql.Types	type	size	digits	comment
 *	read	query	rows	name/class/scale,...
 *	refused	query	SQLSTATE
 */
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.StringJoiner;

public class BiTool
{
	/* Less than any view of the test has, so that the driver has to come back. */
	private static final int ROWS_AT_A_TIME = 7;

	private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	public static void main(String[] arguments) throws SQLException
	{
		String schema = arguments[1];

		try (Connection connection = DriverManager.getConnection(arguments[0], System.getenv("PGUSER"), System.getenv("PGPASSWORD")))
		{
			connection.setReadOnly(true);
			connection.setAutoCommit(false);
			list(connection.getMetaData(), schema);
			connection.commit();
			for (int i = 2; i < arguments.length; i++)
				read(connection, arguments[i]);
		}
	}

	private static void list(DatabaseMetaData database, String schema) throws SQLException
	{
		try (ResultSet found = database.getTables(null, schema, "%", new String[] { "TABLE", "VIEW" }))
		{
			while (found.next())
				tell("listed", found.getString("TABLE_NAME"), found.getString("TABLE_TYPE"), found.getString("REMARKS"));
		}
		try (ResultSet found = database.getColumns(null, schema, "%", "%"))
		{
			while (found.next())
				tell("column", found.getString("TABLE_NAME"), found.getString("COLUMN_NAME"), found.getInt("DATA_TYPE"),
					found.getString("TYPE_NAME"), found.getInt("COLUMN_SIZE"), found.getInt("DECIMAL_DIGITS"), found.getString("REMARKS"));
		}
	}

	private static void read(Connection connection, String query) throws SQLException
	{
		try (PreparedStatement statement = connection.prepareStatement(query))
		{
			statement.setFetchSize(ROWS_AT_A_TIME);
			try (ResultSet row = statement.executeQuery())
			{
				ResultSetMetaData meta = row.getMetaData();
				long rows = 0;

				/* a driver that cannot read a value says so when asked for it */
				for (; row.next(); rows++)
					for (int i = 1; i <= meta.getColumnCount(); i++)
						row.getObject(i);
				tell("read", query, rows, columns(meta));
			}
			connection.commit();
		}
		catch (SQLException refusal)
		{
			tell("refused", query, refusal.getSQLState());
			connection.rollback();
		}
	}

	private static String columns(ResultSetMetaData meta) throws SQLException
	{
		StringJoiner columns = new StringJoiner(",");

		for (int i = 1; i <= meta.getColumnCount(); i++)
			columns.add(meta.getColumnLabel(i) + "/" + meta.getColumnClassName(i) + "/" + meta.getScale(i));
		return columns.toString();
	}

	private static void tell(Object... cells)
	{
		StringJoiner line = new StringJoiner("\t");

		for (Object cell : cells)
			line.add(cell == null ? "" : cell.toString().replaceAll("\\s+", " "));
		out.println(line);
	}
}
