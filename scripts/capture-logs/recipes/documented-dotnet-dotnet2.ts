// Failures of .NET and PowerShell in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'msbuild-finds-no-single-project-file',
    'MSBuild finds no single project file',
    'dotnet build src',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/',
    ['MSBUILD : error MSB1009: Project file does not exist.', 'Switch: src/Shop.sln'],
  ],
  [
    'msbuild-project-of-the-solution-missing',
    'MSBuild: project of the solution missing',
    'dotnet build',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb3202',
    [
      'D:\\a\\shop\\shop\\Shop.sln.metaproj : error MSB3202: The project file "D:\\a\\shop\\shop\\lib\\Words\\Words.csproj" was not found. [D:\\a\\shop\\shop\\Shop.sln]',
    ],
  ],
  [
    'msbuild-imported-targets-or-sdk-missing',
    'MSBuild: imported targets or SDK missing',
    'dotnet build',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb4019',
    [
      '/home/runner/shop/Web.csproj(210,3): error MSB4019: The imported project "/usr/share/dotnet/sdk/8.0.100/Microsoft/VisualStudio/v17.0/WebApplications/Microsoft.WebApplication.targets" was not found. Confirm that the expression in the Import declaration is correct',
    ],
  ],
  [
    'msbuild-could-not-write-a-file',
    'MSBuild could not write a file',
    'dotnet build',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/',
    [
      'C:\\Program Files\\dotnet\\sdk\\8.0.101\\Microsoft.Common.CurrentVersion.targets(5321,5): error MSB3027: Could not copy "D:\\a\\shop\\shop\\obj\\apphost.exe" to "bin\\Debug\\Shop.exe". Exceeded retry count of 10. Failed. The file is locked by: "Shop (812)" [D:\\a\\shop\\shop\\Shop.csproj]',
    ],
  ],
  [
    'msbuild-file-of-the-project-missing',
    'MSBuild: file of the project missing',
    'dotnet build',
    'https://learn.microsoft.com/visualstudio/msbuild/errors/msb3030',
    [
      '/usr/share/dotnet/sdk/8.0.100/Microsoft.Common.CurrentVersion.targets(4984,5): error MSB3030: Could not copy the file "/home/runner/shop/assets/logo.png" because it was not found. [/home/runner/shop/Shop.csproj]',
    ],
  ],
  [
    'nuget-source-is-a-folder-that-is-not-there',
    'NuGet source is a folder that is not there',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1301',
    [
      "D:\\a\\shop\\shop\\Shop.csproj : error NU1301: The local source 'C:\\feeds\\acme' doesn't exist. [D:\\a\\shop\\shop\\Shop.sln]",
    ],
  ],
  [
    'nuget-source-did-not-answer',
    'NuGet source did not answer',
    'dotnet restore',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1301',
    [
      '/home/runner/shop/Shop.csproj : error NU1301: Unable to load the service index for source https://nuget.example.com/v3/index.json. [/home/runner/shop/Shop.sln]',
      '/home/runner/shop/Shop.csproj : error NU1301:   Resource temporarily unavailable (nuget.example.com:443) [/home/runner/shop/Shop.sln]',
    ],
  ],
  [
    'nuget-lock-file-out-of-date',
    'NuGet lock file out of date',
    'dotnet restore --locked-mode',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1004',
    [
      "C:\\a\\shop\\Shop.csproj : error NU1004: The package reference Acme.Json version has changed from [1.0.0, ) to [1.1.0, ).The packages lock file is inconsistent with the project dependencies so restore can't be run in locked mode. [C:\\a\\shop\\Shop.sln]",
    ],
  ],
  [
    'nuget-package-differs-from-its-locked-hash',
    'NuGet package differs from its locked hash',
    'dotnet restore --locked-mode',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1403',
    [
      '/home/runner/shop/Shop.csproj : error NU1403: Package content hash validation failed for Acme.Words.2.1.0. The package is different than the last restore. [/home/runner/shop/Shop.sln]',
    ],
  ],
  [
    'ef-core-model-changed-without-a-migration',
    'EF Core: model changed without a migration',
    'dotnet ef migrations has-pending-model-changes',
    'https://github.com/dotnet/efcore',
    [
      "An error was generated for warning 'Microsoft.EntityFrameworkCore.Migrations.PendingModelChangesWarning': The model for context 'CartContext' has pending changes. Add a new migration before updating the database.",
    ],
  ],
  [
    'ef-core-context-cannot-be-created',
    'EF Core: context cannot be created',
    'dotnet ef database update',
    'https://github.com/dotnet/efcore',
    [
      'Build succeeded.',
      "Unable to create a 'DbContext' of type 'ShopContext'. The exception 'Unable to resolve service for type 'Microsoft.EntityFrameworkCore.DbContextOptions`1[ShopContext]'' was thrown while attempting to create an instance.",
    ],
  ],
  [
    'powershell-module-not-found',
    'PowerShell module not found',
    './build.ps1',
    'https://github.com/PowerShell/PowerShellGet',
    [
      'WARNING: the list is empty',
      "PackageManagement\\Install-Package : No match was found for the specified search criteria and module name 'Acme.Deploy'. Try Get-PSRepository to see all available registered module repositories.",
    ],
  ],
  [
    'powershell-parameter-not-known',
    'PowerShell parameter not known',
    './build.ps1',
    'https://github.com/PowerShell/PowerShell',
    ["Install-Module: A parameter cannot be found that matches parameter name 'AcceptLicence'."],
  ],
  [
    'net-for-ios-no-signing-key-or-profile',
    '.NET for iOS: no signing key or profile',
    'dotnet publish -f net8.0-ios',
    'https://github.com/dotnet/macios',
    [
      '/usr/local/share/dotnet/packs/Microsoft.iOS.Sdk/17.0/targets/Xamarin.Shared.targets(1740,3): error : Could not find any available provisioning profiles for Shop on iOS. [/Users/runner/shop/Shop.csproj]',
    ],
  ],
  [
    'net-for-android-platform-part-missing',
    '.NET for Android: platform part missing',
    'dotnet build -f net8.0-android',
    'https://learn.microsoft.com/dotnet/android/messages/',
    [
      '/usr/share/dotnet/packs/Microsoft.Android.Sdk.Linux/34.0.43/tools/Xamarin.Android.Tooling.targets(70,5): error XA0030: Building with JDK version `11.0.21` is not supported. Please install JDK version `17.0`. [/home/runner/shop/Shop.csproj]',
    ],
  ],
];

export const documented = rows.map(toDocumented);
