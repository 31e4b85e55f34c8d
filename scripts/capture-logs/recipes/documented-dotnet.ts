// Failures of .NET and PowerShell in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'net-restore-not-run-before-the-build',
    '.NET restore not run before the build',
    'dotnet publish -r linux-x64 --no-restore',
    'https://learn.microsoft.com/dotnet/core/tools/sdk-errors/',
    [
      "C:\\Program Files\\dotnet\\sdk\\8.0.101\\Sdks\\Microsoft.NET.Sdk\\targets\\Microsoft.PackageDependencyResolution.targets(266,5): error NETSDK1047: Assets file 'D:\\a\\shop\\shop\\obj\\project.assets.json' doesn't have a target for 'net8.0/linux-x64'. Ensure that restore has run and that you have included 'net8.0' in the TargetFrameworks for your project. [D:\\a\\shop\\shop\\Shop.csproj]",
    ],
  ],
  [
    'net-sdk-older-than-the-target-framework',
    '.NET SDK older than the target framework',
    'dotnet build',
    'https://learn.microsoft.com/dotnet/core/tools/sdk-errors/netsdk1045',
    [
      '  Determining projects to restore...',
      '/usr/lib/dotnet/sdk/6.0.127/Sdks/Microsoft.NET.Sdk/targets/Microsoft.NET.TargetFrameworkInference.targets(144,5): error NETSDK1045: The current .NET SDK does not support targeting .NET 8.0.  Either target .NET 6.0 or lower, or use a version of the .NET SDK that supports .NET 8.0. [/home/runner/shop/Shop.csproj]',
    ],
  ],
  [
    'net-sdk-version-not-installed',
    '.NET SDK version not installed',
    'dotnet build',
    'https://github.com/dotnet/runtime',
    [
      'The command could not be loaded, possibly because:',
      '  * You intended to execute a .NET application:',
      "      The application 'build' does not exist.",
      '  * You intended to execute a .NET SDK command:',
      '      A compatible .NET SDK was not found.',
      '',
      'Requested SDK version: 9.0.100',
      'global.json file: /home/runner/shop/global.json',
    ],
  ],
  [
    'net-runtime-not-installed',
    '.NET runtime not installed',
    'dotnet test',
    'https://github.com/dotnet/runtime',
    [
      "Testhost process for source(s) '/home/runner/app/Tests.dll' exited with error: You must install or update .NET to run this application.",
      'App: /home/runner/app/testhost.dll',
      'Architecture: x64',
      "Framework: 'Microsoft.NETCore.App', version '6.0.0' (x64)",
    ],
  ],
  [
    'net-workload-missing',
    '.NET workload missing',
    'dotnet build -f net8.0-android',
    'https://learn.microsoft.com/dotnet/core/tools/sdk-errors/',
    [
      '/usr/share/dotnet/sdk/8.0.100/Sdks/Microsoft.NET.Sdk/targets/Microsoft.NET.Sdk.ImportWorkloads.targets(38,5): error NETSDK1147: To build this project, the following workloads must be installed: maui-android [/home/runner/shop/Shop.csproj::TargetFramework=net8.0-android]',
    ],
  ],
  [
    'net-project-not-for-this-operating-system',
    '.NET project not for this operating system',
    'dotnet build',
    'https://learn.microsoft.com/dotnet/core/tools/sdk-errors/',
    [
      "/usr/share/dotnet/sdk/7.0.1/Sdks/Microsoft.NET.Sdk/targets/Microsoft.NET.Sdk.DefaultItems.Shared.targets(260,5): error NETSDK1136: The target platform must be set to Windows (usually by including '-windows' in the TargetFramework property) when using Windows Forms or WPF [/home/runner/shop/Shop.csproj]",
    ],
  ],
  [
    'net-sdk-refuses-the-project',
    '.NET SDK refuses the project',
    'dotnet publish',
    'https://learn.microsoft.com/dotnet/core/tools/sdk-errors/',
    [
      '/usr/share/dotnet/sdk/8.0.100/Sdks/Microsoft.NET.Sdk/targets/Microsoft.NET.ConflictResolution.targets(112,5): error NETSDK1152: Found multiple publish output files with the same relative path: /home/runner/app/a/appsettings.json, /home/runner/app/b/appsettings.json. [/home/runner/app/App.csproj]',
    ],
  ],
  [
    'nuget-version-not-found-in-the-sources',
    'NuGet version not found in the sources',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1102',
    [
      '/home/runner/app/src/Shop.csproj : error NU1102: Unable to find package Example.Logging with version (= 9.0.0-preview.2) [/home/runner/app/Shop.sln]',
      '/home/runner/app/src/Shop.csproj : error NU1102:   - Found 34 version(s) in nuget.org [ Nearest version: 9.0.0-preview.1 ] [/home/runner/app/Shop.sln]',
    ],
  ],
  [
    'nuget-source-refused-the-credentials',
    'NuGet source refused the credentials',
    'dotnet nuget push out/*.nupkg',
    'https://github.com/NuGet/NuGet.Client',
    [
      "Pushing Shop.1.2.0.nupkg to 'https://nuget.example.com/acme'...",
      'warn : Your request could not be authenticated by the GitHub Packages service.',
      'error: Response status code does not indicate success: 403 (Forbidden).',
    ],
  ],
  [
    'nuget-package-downgrade-or-version-conflict',
    'NuGet package downgrade or version conflict',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1107',
    [
      '/home/runner/app/App.csproj : error NU1107: Version conflict detected for Example.Http. Install/reference Example.Http 5.0.0 directly to project App to resolve this issue.',
      '/home/runner/app/App.csproj : error NU1107:  App -> Acme.Words 2.0.0 -> Example.Http (>= 5.0.0)',
    ],
  ],
  [
    'nuget-package-does-not-fit-the-framework',
    'NuGet package does not fit the framework',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1201',
    [
      '/home/runner/app/App.csproj : error NU1201: Project Core is not compatible with netstandard2.0 (.NETStandard,Version=v2.0). Project Core supports: net8.0 (.NETCoreApp,Version=v8.0)',
    ],
  ],
  [
    'nuget-audit-vulnerable-package-is-an-error-here',
    'NuGet audit: vulnerable package is an error here',
    'dotnet build',
    'https://learn.microsoft.com/nuget/concepts/auditing-packages',
    [
      "D:\\a\\shop\\shop\\Shop.csproj : error NU1902: Package 'Example.Identity' 5.5.0 has a known moderate severity vulnerability, https://advisories.example.com/2 [D:\\a\\shop\\shop\\Shop.sln]",
    ],
  ],
  [
    'nuget-restore-error',
    'NuGet restore error',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings',
    ['/home/runner/app/App.csproj : error NU1108: Cycle detected. [/home/runner/app/App.sln]'],
  ],
  [
    'nuget-push-refused-version-exists',
    'NuGet push refused: version exists',
    'dotnet nuget push out/*.nupkg',
    'https://github.com/NuGet/NuGetGallery',
    [
      "Pushing Shop.2.0.0.nupkg to 'https://nuget.example.com/api/v2/package'...",
      '  Conflict https://nuget.example.com/api/v2/package/ 212ms',
      "error: Response status code does not indicate success: 409 (A package with ID 'Shop' and version '2.0.0' already exists and cannot be modified.).",
    ],
  ],
  [
    'nuget-push-without-a-usable-api-key',
    'NuGet push without a usable API key',
    'dotnet nuget push out/*.nupkg --api-key ""',
    'https://github.com/NuGet/NuGet.Client',
    [
      "Pushing Acme.Words.1.0.0.nupkg to 'https://nuget.example.com/api/v2/package'...",
      "warn : No API Key was provided and no API Key could be found for 'https://nuget.example.com/api/v2/package'.",
    ],
  ],
  [
    'nuget-push-no-package-file',
    'NuGet push: no package file',
    'dotnet nuget push bin/Release/*.nupkg',
    'https://github.com/NuGet/NuGet.Client',
    ['error: File does not exist (bin/Release/*.nupkg).'],
  ],
  [
    'net-compiler-refuses-without-a-place',
    '.NET compiler refuses without a place',
    'dotnet build',
    'https://github.com/dotnet/roslyn',
    [
      "CSC : error CS5001: Program does not contain a static 'Main' method suitable for an entry point [/home/runner/shop/Shop.csproj]",
    ],
  ],
  [
    'net-analyzer-finding-is-an-error-here',
    '.NET analyzer finding is an error here',
    'dotnet build -warnaserror',
    'https://github.com/DotNetAnalyzers/StyleCopAnalyzers',
    [
      'D:\\a\\shop\\shop\\src\\Price.cs(9,1): error SA1633: The file header is missing or not located at the top of the file. [D:\\a\\shop\\shop\\Shop.csproj]',
    ],
  ],
  [
    'net-framework-targeting-pack-missing',
    '.NET Framework targeting pack missing',
    'msbuild Shop.sln',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb3644',
    [
      'C:\\Program Files\\Microsoft Visual Studio\\2022\\Enterprise\\MSBuild\\Current\\Bin\\amd64\\Microsoft.Common.CurrentVersion.targets(1259,5): error MSB3644: The reference assemblies for .NETFramework,Version=v4.5 were not found. [D:\\a\\shop\\shop\\Shop.csproj]',
    ],
  ],
  [
    'visual-c-toolset-or-windows-sdk-missing',
    'Visual C++ toolset or Windows SDK missing',
    'msbuild app.sln',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb8036',
    [
      'C:\\Program Files\\Microsoft Visual Studio\\2022\\MSBuild\\Microsoft\\VC\\v170\\Microsoft.Cpp.WindowsSDK.targets(46,5): error MSB8036: The Windows SDK version 10.0.17763.0 was not found. Install the required version of Windows SDK or change the SDK version in the project property pages or by right-clicking the solution and selecting "Retarget solution". [D:\\a\\shop\\shop\\shop.vcxproj]',
    ],
  ],
  [
    'msbuild-command-of-the-project-failed',
    'MSBuild command of the project failed',
    'dotnet publish',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb3073',
    [
      'C:\\Program Files\\Microsoft Visual Studio\\2022\\MSBuild\\Microsoft\\VC\\v170\\Microsoft.CppCommon.targets(166,5): error MSB3073: The command "setlocal exited with code 9009. [D:\\a\\shop\\shop\\shop.vcxproj]',
    ],
  ],
  [
    'msbuild-error',
    'MSBuild error',
    'dotnet build',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/',
    [
      '/home/runner/shop/Directory.Build.props(4,5): error MSB4086: A numeric comparison was attempted on "$(Level)" that evaluates to "" instead of a number.',
    ],
  ],
  [
    'net-test-failed',
    '.NET test failed',
    'dotnet test',
    'https://github.com/microsoft/testfx',
    [
      'Running tests from /home/runner/shop/Shop.Tests.dll (net9.0|x64)',
      'failed Shop.Tests.PriceTests.TotalsTax (8ms)',
      '  Assert.AreEqual failed. Expected:<19>. Actual:<18>.',
    ],
  ],
  [
    'net-test-run-aborted',
    '.NET test run aborted',
    'dotnet test',
    'https://github.com/microsoft/vstest',
    [
      'Starting test execution, please wait...',
      'The active test run was aborted. Reason: Test host process crashed : Stack overflow.',
      'Test Run Aborted.',
    ],
  ],
  [
    'net-found-no-tests',
    '.NET found no tests',
    'dotnet test --no-build',
    'https://github.com/microsoft/vstest',
    [
      'VSTest version 17.8.0 (x64)',
      'The test source file "/home/runner/shop/bin/Release/net8.0/Shop.Tests.dll" provided was not found.',
    ],
  ],
  [
    'dotnet-format-files-not-formatted',
    'dotnet format: files not formatted',
    'dotnet csharpier --check .',
    'https://github.com/belav/csharpier',
    [
      'Error ./src/Price.cs - Was not formatted.',
      '  ----------------------------- Expected: Around Line 4 -----------------------------',
    ],
  ],
  [
    'net-tool-not-found-or-not-restored',
    '.NET tool not found or not restored',
    'dotnet csharpier --check .',
    'https://github.com/dotnet/sdk',
    [
      'Could not execute because the specified command or file was not found.',
      'Possible reasons for this include:',
      '  * You misspelled a built-in dotnet command.',
    ],
  ],
  [
    'reportgenerator-found-no-coverage',
    'ReportGenerator found no coverage',
    'reportgenerator -reports:out/coverage.xml -targetdir:html',
    'https://github.com/danielpalme/ReportGenerator',
    ["The report file pattern 'out/coverage.xml' is invalid. No matching files found.", 'No report files specified.'],
  ],
  [
    'wix-build-error',
    'WiX build error',
    'dotnet build Setup.wixproj',
    'https://docs.firegiant.com/wix/',
    [
      "D:\\a\\shop\\shop\\setup\\Package.wxs(9): error WIX0200: The Component element contains an unhandled extension element 'util:User'. [D:\\a\\shop\\shop\\setup\\Setup.wixproj]",
    ],
  ],
  [
    'windows-signing-failed',
    'Windows signing failed',
    'signtool sign /fd sha256 app.exe',
    'https://learn.microsoft.com/windows/win32/seccrypto/signtool',
    ['SignTool Error: The specified PFX password is not correct.'],
  ],
  [
    'setup-dotnet-version-not-installed',
    'setup-dotnet: version not installed',
    'setup-dotnet',
    'https://github.com/actions/setup-dotnet',
    [
      'dotnet_install: Error: Could not find .NET Core SDK with version = 9.0.700',
      '##[error]Failed to install dotnet, exit code: 1.',
    ],
  ],
  [
    'net-program-ended-with-an-exception',
    '.NET program ended with an exception',
    'dotnet run',
    'https://github.com/dotnet/runtime',
    [
      "Unhandled exception. System.IO.FileNotFoundException: Could not find file '/home/runner/app/config.json'.",
      '   at Acme.Program.Main(String[] args) in /home/runner/app/Program.cs:line 9',
    ],
  ],
  [
    'powershell-script-does-not-parse',
    'PowerShell script does not parse',
    './deploy.ps1',
    'https://github.com/PowerShell/PowerShell',
    [
      'ParserError: D:\\a\\_temp\\3.ps1:4',
      'Line |',
      '   4 |  echo "done',
      '     |       ~~~~~',
      '     | The string is missing the terminator: ".',
    ],
  ],
  [
    'powershell-command-failed',
    'PowerShell command failed',
    './pack.ps1',
    'https://github.com/PowerShell/PowerShell',
    [
      'Copy-Item : the folder is in the way',
      'At D:\\a\\shop\\shop\\pack.ps1:3 char:1',
      '    + CategoryInfo          : InvalidArgument: (C:\\out:String) [Copy-Item], IOException',
    ],
  ],
  [
    'pester-test-failed',
    'Pester test failed',
    'Invoke-Pester -CI',
    'https://github.com/pester/Pester',
    ['Describing Price', '  [-] totals tax 45ms', '    Expected 19, but got 18.'],
  ],
  [
    'psscriptanalyzer-findings',
    'PSScriptAnalyzer findings',
    'Invoke-ScriptAnalyzer -Path . -EnableExit',
    'https://github.com/PowerShell/PSScriptAnalyzer',
    [
      'RuleName                            Severity     ScriptName Line  Message',
      '--------                            --------     ---------- ----  -------',
      "PSAvoidUsingPlainTextForPassword    Error        login.ps1  3     Parameter '$Password' should use SecureString",
    ],
  ],
];

export const documented = rows.map(toDocumented);
